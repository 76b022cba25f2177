// The page that a sealed deal shows until it is opened: it finds out how its
// reader gets in, says what is in the way, and leaves the rest to the plan.
import { base32 } from "./bytes";
import { type Device, forget, keep, recall } from "./device";
import type { Deal } from "./opened";
import * as packed from "./packed";
import type { Ahead, Plan } from "./plan";
import { Failure, type Get, type Header, linkCode, type Opened, parseHeader, read, resume, unlock } from "./reader";
import { Languages, type Words } from "./words";

declare const PACKED: boolean;

/** The deal's folder. */
const folder = PACKED ? packed.folder() : new URL("./", location.href);

/** Elements that a theme's lock page has to have, by what finds them. */
function find<T extends HTMLElement>(selector: string): T {
  const e = document.querySelector<T>(selector);
  if (!e) throw Error(selector);
  return e;
}

/** The way in that stands at the end of the address, or where a mail filter has
 * put it. It is taken out of the address before all else. */
function takeLink(): { code: string; broken: boolean } {
  const { href } = location, code = linkCode(href);
  // By its shape, for there is no time to check it: no anchor has that.
  if (!/^(\w{4}-?){7}$/.test(code)) return { code: "", broken: false };
  history.replaceState(null, "", PACKED ? packed.page() : folder);
  return { code, broken: !href.includes("#") || href.endsWith("~") };
}

/** Whether the browser has what it takes: what draws a plan came last to all. */
const able = (): boolean => CSS.supports("color", "light-dark(red,red)") && "DecompressionStream" in globalThis;

/** What a way in opens, and the plan that is made ready of it. */
type Ready = readonly [Opened, Plan];

class Gate {
  readonly #form = find<HTMLFormElement>("form");
  readonly #fields = find(".fields");
  readonly #state = find("#state");
  readonly #key = find<HTMLInputElement>("#key");
  readonly #code = find<HTMLInputElement>("#code");
  readonly #go = find<HTMLButtonElement>('[type="submit"]');
  readonly #remember = find<HTMLInputElement>('[data-do="remember"]');
  readonly #meta = find<HTMLMetaElement>('meta[name="portico-1"]');
  readonly #languages = new Languages(document);
  readonly #words: Words;
  readonly #link = takeLink();
  #header!: Header;
  #path = "";
  #known: Device | undefined;
  /** What is held back, for it is older than what was seen. */
  #held: Ready | undefined;
  #ahead: Ahead<Ready> | undefined;
  #busy = false;

  constructor() {
    const { lang, dir, words } = this.#languages.find(...navigator.languages);
    this.#words = words;
    Object.assign(document.documentElement, { lang, dir });
    document.title = this.#say("page");
    for (const e of document.querySelectorAll<HTMLElement>("[data-say]")) e.textContent = this.#say(e.dataset["say"] ?? "");
    find(".stuck").remove();
    this.#form.hidden = false;
  }

  async start(): Promise<void> {
    // Another page could lay its own over this one.
    if (self !== top) return this.#refuse("framed");
    if (!globalThis.crypto.subtle) return this.#refuse("insecure");
    if (!able()) return this.#refuse("stuck");
    try {
      this.#header = parseHeader(this.#meta.content);
    } catch (why) {
      return this.#refuse(code(why));
    }
    this.#path = base32(this.#header.did);
    this.#prepare();
    void this.#waiting(); // what the plan needs comes while its reader types
    if (!PACKED) this.#known = await recall(this.#path);
    if (this.#link.code) {
      this.#show(this.#header.twoFactors);
      if (this.#link.broken) this.#tell("mangled");
    } else if (this.#known) {
      const { root } = this.#known;
      await this.#enter(() => this.#open((header) => resume(header, fresh, root)));
    } else {
      this.#show(true);
    }
  }

  #prepare(): void {
    find('[data-for="code"]').hidden = !this.#header.twoFactors || this.#link.code !== "";
    if (this.#header.twoFactors) find('[for="key"]').textContent = this.#say("phrase");
    // Password managers tell the deals of one site apart by this.
    find<HTMLInputElement>('[autocomplete="username"]').value = this.#path;
    if (PACKED || !globalThis.indexedDB) find(".remember").hidden = true;
    find('[data-do="show"]').addEventListener("click", (event) => {
      const on = this.#key.type === "password";
      this.#key.type = on ? "text" : "password";
      (event.currentTarget as HTMLElement).ariaPressed = String(on);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#busy) void this.#enter(async () => (await this.#waiting()).clicked());
    });
  }

  async #waiting(): Promise<Ahead<Ready>> {
    if (this.#ahead) return this.#ahead; // to import takes turns of the browser, even what is there
    const { Ahead } = await import("./plan");
    return this.#ahead ??= new Ahead(
      this.#form,
      this.#header.iterations / 50,
      () => [this.#link.code, this.#key.value, this.#code.value].filter(Boolean),
      (given) => this.#open((header) => unlock(header, fresh, ...given)),
    );
  }

  /** Shows the deal that a way in opens. */
  async #enter(open: () => Promise<Ready>): Promise<void> {
    this.#busy = true;
    // Of a plan that is ready nobody is told to wait.
    const soon = setTimeout(() => this.#wait(true)), slow = setTimeout(() => this.#tell("slow"), 3000);
    try {
      await this.#admit(this.#held ?? await open());
    } catch (why) {
      await this.#failed(code(why));
    } finally {
      clearTimeout(soon);
      clearTimeout(slow);
      this.#wait(false);
    }
  }

  /** Opens the deal and makes its plan ready. */
  async #open(way: (header: Header) => Promise<Opened>): Promise<Ready> {
    const opened = await this.#read(way);
    const { Plan } = await import("./plan");
    const words = (key: string, lang: string): string => this.#languages.find(lang).words.get(key) ?? key;
    const plan = new Plan(deal(opened), words, () => forget(this.#path));
    plan.prepare();
    return [opened, plan];
  }

  /** Beside newer files a lock page may be a stale one out of a cache: then its
   * header is read anew. */
  async #read(way: (header: Header) => Promise<Opened>): Promise<Opened> {
    try {
      return await way(this.#header);
    } catch (why) {
      if (code(why) !== "missing") throw why;
      const page = await (await fresh("")).text();
      const content = /<meta name="portico-1" content="([\w-]+)">/.exec(page)?.[1];
      if (!content || content === this.#meta.content) throw why;
      this.#meta.content = content;
      this.#header = parseHeader(content);
      return way(this.#header);
    }
  }

  async #admit(ready: Ready): Promise<void> {
    const [{ root, changed, notAfter }, plan] = ready;
    if (notAfter && notAfter * 1000 <= Date.now()) throw new Failure("expired");
    const seen = this.#known?.changed ?? 0;
    if (changed < seen && !this.#held) {
      this.#held = ready;
      this.#fields.hidden = true;
      throw new Failure("older");
    }
    const until = this.#remember.checked ? Date.now() + Number(document.body.dataset["days"]) * 864e5 : this.#known?.until;
    const kept = until && keep(this.#path, { root, until, changed: Math.max(seen, changed) });
    await plan.open();
    await kept;
  }

  async #failed(why: string): Promise<void> {
    const remembered = why === "wrong" && this.#known && !this.#link.code && !this.#key.value;
    if (remembered) {
      await forget(this.#path);
      this.#known = undefined;
    }
    if (why === "wrong") {
      this.#show(true); // a link that opens nothing leaves the field to be tried
      this.#key.ariaInvalid = String(!remembered);
      this.#key.select();
    }
    this.#tell(remembered ? "out" : why, true);
  }

  /** Shows the form with its fields, or with its one button. */
  #show(fields: boolean): void {
    this.#fields.hidden = !fields;
    (fields ? find('.fields p:not([hidden]) input') : this.#go).focus();
  }

  #wait(on: boolean): void {
    this.#busy = on;
    this.#go.ariaDisabled = String(on);
    this.#go.textContent = this.#say(on ? "opening" : this.#held ? "anyway" : "open");
    if (on) this.#tell("");
  }

  #tell(key: string, bad = false): void {
    this.#state.textContent = key && this.#say(key);
    this.#state.classList.toggle("bad", bad);
  }

  /** Says what is in the way for good. */
  #refuse(why: string): void {
    this.#tell(why, true);
    this.#go.hidden = this.#fields.hidden = find(".remember").hidden = true;
  }

  #say(key: string): string {
    return this.#words.get(key) ?? key;
  }
}

/** Files of the deal's folder. Some hosts answer with a page where there is none. */
async function get(name: string, cache: RequestCache = "default"): Promise<Response> {
  if (PACKED) return packed.get(name);
  const found = await fetch(new URL(name, folder), { cache });
  return name && found.headers.get("Content-Type")?.startsWith("text/html") ? Response.error() : found;
}

/** What the host has now: a manifest keeps its name when it changes. */
const fresh: Get = (name) => get(name, "no-cache");

function deal(opened: Opened): Deal {
  return { ...opened, read: (entry) => read(opened.did, entry, get) };
}

/** Anything that is no failure of the deal's is one of the network. */
function code(why: unknown): string {
  return why instanceof Failure ? why.code : "offline";
}

void new Gate().start();
