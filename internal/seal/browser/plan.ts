// An opened deal in the place of its lock page: its pages are put into the
// document one after the other, by the end of the address.
import { home, route } from "./links";
import { because, type Deal } from "./opened";
import { type Page, Pages, run, sheet } from "./page";
import * as packed from "./packed";
import type { Entry } from "./reader";
import { dismiss, Streams } from "./streams";
import { deal as folder, script } from "./trust";

export { Ahead } from "./ahead";

declare const PACKED: boolean;

/** Rules that no theme needs to know of. */
const rules = `main:focus{outline:0}.tabs .sections~[data-do=lock]{display:inline-flex}[aria-busy=true]{cursor:progress;opacity:.6}
.portico-notice{position:fixed;z-index:9;inset:auto 1rem 1rem;margin-inline:auto;max-inline-size:32rem;padding:.75rem 1rem;box-shadow:var(--shadow)}`;

/** The script that reports, as far as it is known here. */
interface Receipts {
  report(collector: string, capability: string): void;
}

export class Plan {
  readonly #pages: Pages;
  readonly #rules = sheet(rules);
  /** What was made ready before it was asked for. */
  #ready: { readonly path: string; readonly page: Promise<Page> } | undefined;
  /** The page that shows, and the address that led to it. */
  #page: Page | undefined;
  #shown = "";

  constructor(
    private readonly deal: Deal,
    private readonly say: (reason: string, lang: string) => string,
    /** Takes what the device remembers of the deal. */
    private readonly forget: () => Promise<void>,
  ) {
    this.#pages = new Pages(deal, this.#find, new Streams(deal), (why) => this.#tell(why));
  }

  /** A whole page or file of the deal. */
  readonly #find = (path: string): Entry | undefined => this.deal.entries.find((e) => e.path === path && !e.at);

  readonly #leads = (path: string): boolean => this.#find(path)?.page === true;

  /** Makes the page ready that the address leads to, and shows nothing of it. */
  prepare(): void {
    const { path } = route(location.hash, this.#leads);
    const entry = this.#leads(path) ? this.#find(path) : this.#find(home);
    if (!entry) return;
    const page = this.#pages.make(entry);
    page.catch(() => undefined); // whoever asks for it hears of it
    this.#ready = { path: entry.path, page };
  }

  /** Shows what the address leads to, from now on. */
  async open(): Promise<void> {
    await this.#go();
    addEventListener("hashchange", () => void this.#go());
    document.addEventListener("click", (event) => this.#clicked(event), true);
    addEventListener("beforeprint", () => void this.#page?.files.all());
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
    this.#page?.files.release();
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
    const { path, anchor } = route(asked, this.#leads);
    const y = (history.state as { y?: number } | null)?.y;
    const entry = this.#find(path);
    if (entry && !entry.page) return this.#file(entry, asked);
    if (path === this.#page?.path) {
      this.#shown = asked;
      return;
    }
    const slow = setTimeout(() => this.#notice("slow"), 3000);
    try {
      if (!entry) throw because("missing");
      const ready = this.#ready?.path === path ? this.#ready.page : this.#pages.make(entry);
      this.#ready = undefined; // a page can be placed once
      const page = await ready;
      if (location.hash !== asked) return; // the reader has gone on
      const target = anchor !== "" && path === home;
      this.#place(page, !target && y === undefined, !target);
      this.#shown = asked;
      if (target) location.replace("#" + anchor); // :target
      else if (y !== undefined) scrollTo(0, y);
    } catch (why) {
      if (!this.#page) throw why;
      history.replaceState(history.state, "", this.#shown || "#/");
      this.#tell(why);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Puts a page into the place of what shows, of which nothing is measured once
   * it changes: the browser would lay the page out more than once. */
  #place(page: Page, top: boolean, focus: boolean): void {
    const { body, links } = page, first = !this.#page, root = document.documentElement;
    this.#page?.files.release();
    this.#page = page;
    document.body.replaceWith(body); // first, or what goes would be laid out anew
    for (const { name } of [...root.attributes]) if (name.startsWith("data-")) root.removeAttribute(name);
    for (const { name, value } of page.root) root.setAttribute(name, value);
    document.title = page.title;
    document.adoptedStyleSheets = [...page.sheets, this.#rules];
    for (const e of document.querySelectorAll<HTMLLinkElement>(PACKED ? "head style" : 'link[rel="stylesheet"]')) {
      if (links.has(e.href)) e.media = "";
      else e.remove();
    }
    for (const button of document.querySelectorAll<HTMLElement>('[data-do="lock"]')) {
      button.hidden = false;
      button.addEventListener("click", () => void this.#leave());
    }
    page.files.watch();
    // Scripts that already run are told of the page before it is drawn; those that
    // it brings along begin then.
    document.dispatchEvent(new Event("portico:page"));
    const below = begin(top);
    void painted().then(() => {
      for (const e of below) e.style.contentVisibility = "";
      for (const { href, collector } of page.scripts) {
        if (collector === undefined) void run(href);
        else if (first) this.#report(href, collector);
      }
      const main = body.querySelector("main");
      if (!main || !focus || document.activeElement !== document.body) return;
      main.tabIndex = -1;
      main.focus({ preventScroll: true });
    });
  }

  /** Lets the page report what is looked at, if it may. Nothing waits for that. */
  #report(address: string, collector: string): void {
    const { cap } = this.deal, text = btoa(String.fromCharCode(...cap)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    if (text && !PACKED) import(script(address)).then(({ report }: Receipts) => report(collector, text)).catch(() => undefined);
  }

  #clicked(event: MouseEvent): void {
    const e = event.target instanceof Element ? event.target : undefined;
    document.querySelector(".portico-notice")?.remove();
    const link = e?.closest<HTMLAnchorElement>("a[href]");
    if (link && !this.#page?.files.leads(link) && link.getAttribute("href")?.startsWith("#/")) {
      const { path } = route(link.hash, () => false);
      const entry = this.#find(path);
      if (!entry || entry.page) return;
      stop(event);
      void this.#page?.files.follow(link, entry, event);
    }
    if (e?.closest('[data-do="print"]') && event.isTrusted) {
      stop(event);
      void this.#page?.files.all().then(() => print());
    }
  }

  /** Shows a file that the address leads to, on the page that shows or on the plan. */
  async #file(entry: Entry, asked: string): Promise<void> {
    history.replaceState(null, "", this.#shown || "#/");
    if (!this.#page) await this.#go();
    const there = [...document.querySelectorAll<HTMLAnchorElement>("a[href]")].find((a) => a.getAttribute("href") === asked);
    await this.#page?.files.follow(there ?? Object.assign(document.createElement("a"), { href: asked }), entry);
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

/** Begins a page at its top. Where it stays there, what a style lays out far ahead
 * of the screen is left out of the first frame, unless it is on the screen. */
function begin(top: boolean): HTMLElement[] {
  const parts = top ? [...document.querySelectorAll<HTMLElement>(".flow > section")] : [];
  for (const e of parts) e.style.contentVisibility = "hidden";
  scrollTo(0, 0);
  while (parts[0] && parts[0].getBoundingClientRect().top < innerHeight) parts.shift()!.style.contentVisibility = "";
  return parts;
}

/** Once what stands on the page has been drawn, or would have been in a window
 * that shows. */
function painted(): Promise<void> {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 200);
  });
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
