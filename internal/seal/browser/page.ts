// A page of the deal made ready before it stands anywhere: as it was sealed, its
// fragments in their places, its addresses those that they have here, its styles
// at hand. Nothing of it shows, and nothing of it runs.
import { Files } from "./files";
import { relink, type Target, targets } from "./links";
import type { Deal } from "./opened";
import * as packed from "./packed";
import type { Entry } from "./reader";
import type { Streams } from "./streams";
import { code, fill, parse, script, shared, site } from "./trust";

declare const PACKED: boolean;

/** What a page may not bring along, though nobody seals it. */
const active = "script, base, meta, link, style, iframe, object, embed";

/** How long a script may keep a page from showing. */
const patience = 2000;

const text = new TextDecoder();

export interface Page {
  readonly path: string;
  readonly title: string;
  /** What its root says of its language, its theme and its days. */
  readonly root: readonly Attr[];
  /** The document's already, for to move it there takes a while, but in no place of it. */
  readonly body: HTMLElement;
  readonly files: Files;
  /** Stylesheets that all deals share, by their addresses. */
  readonly links: ReadonlySet<string>;
  /** The deal's own. */
  readonly sheets: readonly CSSStyleSheet[];
  /** Scripts that the page names and that run once it shows. */
  readonly scripts: readonly Script[];
}

/** A script of the site; collector is where it reports to, if it does. */
export interface Script {
  readonly href: string;
  readonly module: boolean;
  readonly collector: string | undefined;
}

export class Pages {
  readonly #sheets = new Map<Entry, Promise<CSSStyleSheet>>();

  constructor(
    private readonly deal: Deal,
    /** A whole page or file of the deal. */
    private readonly find: (path: string) => Entry | undefined,
    private readonly streams: Streams,
    private readonly failed: (why: unknown) => void,
  ) {
    // A deal's own sheet lies beside its plan, and is fetched with it, not behind it.
    for (const e of deal.entries) if (/^[^/]+\.css$/.test(e.path)) void this.#sheet(e);
  }

  /** A page that can be put into the document once. */
  async make(entry: Entry): Promise<Page> {
    const { path } = entry, target = targets(path, this.find);
    const content = await this.#read(entry);
    const scripts = [...content.head.querySelectorAll<HTMLScriptElement>("script[src]")].flatMap((e) => {
      const href = elsewhere(target(e.getAttribute("src")));
      return href ? [{ href, module: e.type === "module", collector: e.dataset["receipts"] }] : [];
    });
    const early = Promise.all(scripts.filter((s) => !s.module).map((s) => run(s.href)));
    const { links, sheets } = await this.#styles(content.head, target);
    await Promise.race([early, new Promise((done) => { setTimeout(done, patience); })]);
    relink(content, target);
    const files = new Files(this.deal, this.streams, this.failed);
    files.adopt(content, target);
    document.dispatchEvent(new CustomEvent("portico:ready", { detail: content }));
    const root = [...content.documentElement.attributes].filter(({ name }) => /^(lang|dir|data-.*)$/.test(name));
    return { path, title: content.title, root, body: document.adoptNode(content.body), files, links, sheets, scripts: scripts.filter((s) => s.module) };
  }

  async #read(entry: Entry): Promise<Document> {
    const parts = this.deal.entries.filter((e) => e.page && e.path === entry.path && e.at);
    const [html = "", ...inner] = await Promise.all([entry, ...parts].map((e) => this.#text(e)));
    const page = parse(html);
    parts.forEach((part, i) => {
      const place = page.getElementById(part.at);
      if (place) fill(place, inner[i] ?? "");
    });
    for (const e of page.body.querySelectorAll(active)) e.remove();
    return page;
  }

  async #text(entry: Entry): Promise<string> {
    return text.decode(await this.deal.read(entry));
  }

  /** Fetches the styles that a page names: links into the document, where they
   * do nothing until the page stands there, and the deal's own sheets. */
  async #styles(head: HTMLElement, target: (address: string | null) => Target | undefined): Promise<{ links: Set<string>; sheets: CSSStyleSheet[] }> {
    const named = [...head.querySelectorAll('link[rel="stylesheet"]')].map((e) => target(e.getAttribute("href")));
    const links = new Set(named.map(elsewhere).filter((href) => href.startsWith(site.href + "_/")));
    const own = Promise.all(named.flatMap((to) => to && "entry" in to ? [this.#sheet(to.entry)] : []));
    if (PACKED) return { links: new Set(), sheets: [...[...links].map((href) => sheet(packed.text(shared(href)))), ...await own] };
    // In the page's order, which is that of its layers.
    const there = new Map([...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')].map((e) => [e.href, e]));
    await Promise.all([...links].map((href, i) => {
      if (there.has(href)) return undefined;
      const next = [...links].slice(i).find((later) => there.has(later));
      return arrived(Object.assign(document.createElement("link"), { rel: "stylesheet", media: "not all", href }), there.get(next ?? ""));
    }));
    return { links, sheets: await own };
  }

  #sheet(entry: Entry): Promise<CSSStyleSheet> {
    const made = this.#sheets.get(entry) ?? this.#text(entry).then(sheet);
    this.#sheets.set(entry, made);
    made.catch(() => this.#sheets.delete(entry)); // to be tried again
    return made;
  }
}

/** The address of what is not the deal's. */
function elsewhere(to: Target | undefined): string {
  return to && "href" in to ? to.href : "";
}

export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/** Runs a script of the site, unless it runs already. One that has not come, or
 * is none of the site's, does not keep a page from showing. */
export async function run(href: string): Promise<void> {
  try {
    if (!PACKED) return void await import(script(href));
    const text = code(href);
    if ([...document.scripts].every((e) => e.text !== String(text))) document.head.append(Object.assign(document.createElement("script"), { text }));
  } catch {
    // the page does without it
  }
}

/** Puts an element into the head and waits for what it loads, come or not. */
function arrived(e: HTMLElement, before: Node | null = null): Promise<void> {
  return new Promise((done) => {
    e.onload = e.onerror = () => done();
    document.head.insertBefore(e, before);
  });
}
