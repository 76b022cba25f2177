/** What the page says in one language, by key. */
export type Words = ReadonlyMap<string, string>;

/** The languages of the lock page, the site's own first. */
export class Languages {
  readonly #all = new Map<string, { words: Words; dir: string }>();

  constructor(page: Document) {
    for (const e of page.querySelectorAll<HTMLElement>("[data-words]")) {
      const lines = (e.dataset["words"] ?? "").split("\n");
      const words = new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)] as const));
      this.#all.set(e.lang, { words, dir: e.dir });
    }
  }

  /** Words in the first of some languages that there are any in. */
  words(...tags: string[]): { lang: string; dir: string; words: Words } {
    for (const tag of [...tags, document.documentElement.lang, "en"]) {
      const lang = tag.split("-")[0] ?? "";
      const found = this.#all.get(lang);
      if (found) return { lang, ...found };
    }
    return { lang: "en", dir: "ltr", words: new Map() };
  }
}
