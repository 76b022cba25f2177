// An opened deal in the place of its lock page: its pages are put into the
// document as they were sealed, one after the other, by the end of the address.
import { Files } from "./files";
import { home, relink, route, type Target, targets } from "./links";
import { because, type Deal } from "./opened";
import * as packed from "./packed";
import type { Entry } from "./reader";
import { dismiss } from "./streams";
import { code, deal as folder, fill, parse, script, shared, site } from "./trust";

declare const PACKED: boolean;

/** What a page may not bring along, though nobody seals it. */
const active = "script, base, meta, link, style, iframe, object, embed";

/** Rules that no theme needs to know of. */
const rules = `main:focus{outline:0}.tabs .sections~[data-do=lock]{display:inline-flex}[aria-busy=true]{cursor:progress;opacity:.6}
.portico-notice{position:fixed;z-index:9;inset:auto 1rem 1rem;margin-inline:auto;max-inline-size:32rem;padding:.75rem 1rem;box-shadow:var(--shadow)}`;

/** How long a page's own scripts may keep it from showing. */
const patience = 2000;

const text = new TextDecoder();

/** The script that reports, as far as it is known here. */
interface Receipts {
  report(collector: string, capability: string): void;
}

export class Plan {
  readonly #files: Files;
  readonly #sheets = new Map<Entry, CSSStyleSheet>();
  readonly #rules = sheet(rules);
  /** The page that shows, and the address that led to it. */
  #path = "";
  #shown = "";

  constructor(
    private readonly deal: Deal,
    private readonly say: (reason: string, lang: string) => string,
    /** Takes what the device remembers of the deal. */
    private readonly forget: () => Promise<void>,
  ) {
    this.#files = new Files(deal, (why) => this.#tell(why));
  }

  /** A whole page or file of the deal. */
  readonly #find = (path: string): Entry | undefined => this.deal.entries.find((e) => e.path === path && !e.at);

  /** Shows what the address leads to, from now on. */
  async open(): Promise<void> {
    await this.#go();
    addEventListener("hashchange", () => void this.#go());
    document.addEventListener("click", (event) => this.#clicked(event), true);
    addEventListener("beforeprint", () => void this.#files.all());
    let resting = 0;
    addEventListener("scroll", () => {
      clearTimeout(resting);
      resting = setTimeout(() => history.replaceState({ y: scrollY }, ""), 200);
    }, { passive: true });
    // Leaves with the other tabs, even when it comes back out of the browser's memory.
    const before = locked();
    const look = (): void => { if (locked() !== before) void this.#leave(); };
    addEventListener("storage", look);
    addEventListener("pageshow", look);
  }

  /** Locks: nothing stays on the page, on the device or in the worker, and the
   * address that Back leads to shows the lock page. */
  async #leave(): Promise<void> {
    this.#files.release();
    document.adoptedStyleSheets = [];
    document.body.replaceChildren();
    await Promise.allSettled([this.forget(), dismiss()]);
    try {
      localStorage.setItem(stamp, String(Date.now()));
      localStorage.removeItem("portico:" + place); // what the page knows of the last visit
    } catch {
      // nothing was kept
    }
    if (PACKED) {
      history.replaceState(null, "", packed.page());
      location.reload();
    } else location.replace(folder.href);
  }

  async #go(): Promise<void> {
    const asked = location.hash;
    const { path, anchor } = route(asked, (p) => this.#find(p)?.page === true);
    const y = (history.state as { y?: number } | null)?.y;
    const entry = this.#find(path);
    if (entry && !entry.page) return this.#file(entry, asked);
    if (path === this.#path) {
      this.#shown = asked;
      return;
    }
    const slow = setTimeout(() => this.#notice("slow"), 3000);
    try {
      if (!entry) throw because("missing");
      const page = await this.#page(entry);
      const styles = await this.#styles(page.head, path);
      if (location.hash !== asked) return; // the reader has gone on
      await this.#place(page, path, styles);
      this.#shown = asked;
      if (anchor && path === home) location.replace("#" + anchor); // :target
      else if (y !== undefined) scrollTo(0, y);
    } catch (why) {
      if (!this.#path) throw why;
      history.replaceState(history.state, "", this.#shown || "#/");
      this.#tell(why);
    } finally {
      clearTimeout(slow);
    }
  }

  /** A page as it was sealed, its fragments in their places, its addresses those that they have here. */
  async #page(entry: Entry): Promise<Document> {
    const content = async (e: Entry): Promise<string> => text.decode(await this.deal.read(e));
    const parts = this.deal.entries.filter((e) => e.page && e.path === entry.path && e.at);
    const [html, ...inner] = await Promise.all([entry, ...parts].map(content));
    const page = parse(html ?? "");
    parts.forEach((part, i) => {
      const place = page.getElementById(part.at);
      if (place) fill(place, inner[i] ?? "");
    });
    for (const e of page.body.querySelectorAll(active)) e.remove();
    return page;
  }

  /** Makes the styles of a page ready: links of the document, and the deal's own sheets. */
  async #styles(head: HTMLElement, path: string): Promise<{ links: Set<string>; sheets: CSSStyleSheet[] }> {
    const target = targets(path, this.#find);
    const named = [...head.querySelectorAll('link[rel="stylesheet"]')].map((e) => target(e.getAttribute("href")));
    const links = new Set(named.flatMap((to) => to && "href" in to && to.href.startsWith(site.href + "_/") ? [to.href] : []));
    const own = named.flatMap((to) => to && "entry" in to ? [to.entry] : []);
    if (PACKED) return { links: new Set(), sheets: [...[...links].map((href) => sheet(packed.text(shared(href)))), ...await this.#own(own)] };
    // In the page's order, which is that of its layers.
    const there = new Map([...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')].map((e) => [e.href, e]));
    const coming = [...links].map((href, i) => {
      if (there.has(href)) return undefined;
      const next = [...links].slice(i).find((later) => there.has(later));
      return arrived(Object.assign(document.createElement("link"), { rel: "stylesheet", href }), there.get(next ?? ""));
    });
    const sheets = await this.#own(own);
    await Promise.all(coming);
    return { links, sheets };
  }

  /** The deal's own sheets. */
  #own(entries: Entry[]): Promise<CSSStyleSheet[]> {
    return Promise.all(entries.map(async (entry) => {
      const made = this.#sheets.get(entry) ?? sheet(text.decode(await this.deal.read(entry)));
      this.#sheets.set(entry, made);
      return made;
    }));
  }

  /** Puts a page into the place of what shows. */
  async #place(page: Document, path: string, { links, sheets }: { links: Set<string>; sheets: CSSStyleSheet[] }): Promise<void> {
    const target = targets(path, this.#find);
    this.#files.release();
    relink(page, target);
    this.#files.adopt(page, target);
    const first = !this.#path, root = document.documentElement;
    for (const { name } of [...root.attributes]) if (name.startsWith("data-")) root.removeAttribute(name);
    for (const { name, value } of page.documentElement.attributes) if (/^(lang|dir|data-.*)$/.test(name)) root.setAttribute(name, value);
    document.title = page.title;
    document.adoptedStyleSheets = [...sheets, this.#rules];
    const main = page.querySelector("main");
    document.body.replaceWith(page.body);
    for (const e of document.querySelectorAll<HTMLLinkElement>(PACKED ? "head style" : 'link[rel="stylesheet"]')) if (!links.has(e.href)) e.remove();
    for (const button of document.querySelectorAll<HTMLElement>('[data-do="lock"]')) {
      button.hidden = false;
      button.addEventListener("click", () => void this.#leave());
    }
    this.#path = path;
    this.#files.watch();
    scrollTo(0, 0);
    if (main) {
      main.tabIndex = -1;
      main.focus({ preventScroll: true });
    }
    // The page's scripts run once by themselves; after that they are told.
    if (first) await this.#run(page, target);
    else document.dispatchEvent(new Event("portico:page"));
  }

  /** Runs what the page names of the site's scripts, before anybody sees the page. */
  async #run(page: Document, target: (address: string | null) => Target | undefined): Promise<void> {
    const coming = [...page.head.querySelectorAll<HTMLScriptElement>("script[src]")].map((e) => {
      const to = target(e.getAttribute("src"));
      if (!to || !("href" in to)) return undefined;
      const collector = e.dataset["receipts"];
      if (collector) return void (PACKED || this.#report(to.href, collector));
      if (PACKED) return document.head.append(Object.assign(document.createElement("script"), { text: code(to.href) }));
      return arrived(Object.assign(document.createElement("script"), { type: e.type, src: script(to.href) }));
    });
    const { style } = document.documentElement;
    style.visibility = "hidden";
    await Promise.race([Promise.all(coming), new Promise((done) => { setTimeout(done, patience); })]);
    style.visibility = "";
  }

  /** Lets the page report what is looked at, if it may. Nothing waits for that. */
  #report(address: string, collector: string): void {
    const { cap } = this.deal, text = btoa(String.fromCharCode(...cap)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    if (text) import(script(address)).then(({ report }: Receipts) => report(collector, text)).catch(() => undefined);
  }

  #clicked(event: MouseEvent): void {
    const e = event.target instanceof Element ? event.target : undefined;
    document.querySelector(".portico-notice")?.remove();
    const link = e?.closest<HTMLAnchorElement>("a[href]");
    if (link && !this.#files.leads(link) && link.getAttribute("href")?.startsWith("#/")) {
      const { path } = route(link.hash, () => false);
      const entry = this.#find(path);
      if (!entry || entry.page) return;
      stop(event);
      void this.#files.follow(link, entry, event);
    }
    if (e?.closest('[data-do="print"]') && event.isTrusted) {
      stop(event);
      void this.#files.all().then(() => print());
    }
  }

  /** Shows a file that the address leads to, on the page that shows or on the plan. */
  async #file(entry: Entry, asked: string): Promise<void> {
    history.replaceState(null, "", this.#shown || "#/");
    if (!this.#path) await this.#go();
    const there = [...document.querySelectorAll<HTMLAnchorElement>("a[href]")].find((a) => a.getAttribute("href") === asked);
    await this.#files.follow(there ?? Object.assign(document.createElement("a"), { href: asked }), entry);
  }

  #tell(why: unknown): void {
    this.#notice((why as { code?: string }).code ?? "offline");
  }

  #notice(reason: string): void {
    document.querySelector(".portico-notice")?.remove();
    const notice = Object.assign(document.createElement("p"), { className: "card portico-notice", role: "alert" });
    document.body.append(notice);
    notice.textContent = this.say(reason, document.documentElement.lang); // said aloud, for it comes later than its place
  }
}

/** When the deal was locked last, by any tab. */
const place = PACKED ? location.pathname : folder.pathname;
const stamp = "portico-locked:" + place;

function locked(): string | null {
  try {
    return localStorage.getItem(stamp);
  } catch {
    return null; // nothing can be kept here
  }
}

function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/** Puts an element into the head and waits for what it loads, come or not. */
function arrived(e: HTMLElement, before: Node | null = null): Promise<void> {
  return new Promise((done) => {
    e.onload = e.onerror = () => done();
    document.head.insertBefore(e, before);
  });
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
