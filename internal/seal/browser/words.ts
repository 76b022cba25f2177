/** What the page says in one language, by key. */
export type Words = ReadonlyMap<string, string>;

interface Language {
  readonly dir: string;
  readonly words: Words;
}

/** The languages of the lock page. */
export class Languages {
  readonly #all = new Map<string, Language>();

  constructor(page: Document) {
    for (const e of page.querySelectorAll<HTMLElement>("[data-words]")) {
      const words = new Map([["stuck", e.textContent ?? ""]]);
      for (const line of (e.dataset["words"] ?? "").split("\n")) words.set(line.split(" ", 1)[0] ?? "", line.slice(line.indexOf(" ") + 1));
      this.#all.set(e.lang, { words, dir: e.dir });
    }
  }

  /** The first of some languages that there are words in, or else the page's own. */
  find(...tags: string[]): Language & { lang: string } {
    const lang = tags.map((tag) => tag.split("-", 1)[0] ?? "").find((lang) => this.#all.has(lang)) ?? document.documentElement.lang;
    return { lang, ...(this.#all.get(lang) ?? { dir: "ltr", words: new Map() }) };
  }
}
