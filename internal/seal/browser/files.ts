// Files of an opened deal, given to the browser when it wants them: pictures as
// they come near the screen, documents on a click, films when they are
// started. A file is decrypted once as long as a page is shown.
import { type Target } from "./links";
import { because, type Deal } from "./opened";
import { address } from "./packed";
import type { Entry } from "./reader";
import type { Streams } from "./streams";
import { shared } from "./trust";

declare const PACKED: boolean;

/** What may be shown from a blob; anything else is downloaded. */
const shown = /^(application\/pdf|(image|audio|video)\/.*|text\/(csv|plain))$/;

/** Films above this size are decrypted piece by piece. */
const large = 64 << 20;

/** A sample of nothing, for players that have not been started: browsers load
 * a blob whether it is wanted or not, and give up players that have none. */
const silence = "RIFF%\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\x08\0data\x01\0\0\0\x80";

type Targets = (address: string | null) => Target | undefined;

export class Files {
  /** Addresses of blobs, by the files in them, and the other way round. */
  #made = new Map<Entry, Promise<string>>();
  #urls = new Map<string, Entry | undefined>();
  /** Addresses of what stands in for files that have not come yet: to make one
   * takes a browser as long as to parse a tenth of a plan. */
  #standing = new Map<string, string>();
  /** What is fetched once its element comes near the screen. */
  #waiting = new Map<Element, () => Promise<void>>();
  readonly #near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) void this.#fetch(target);
  }, { rootMargin: "100% 50%" });

  constructor(private readonly deal: Deal, private readonly streams: Streams, private readonly failed: (why: unknown) => void) {}

  /** Makes pictures and players of a page show the deal's files. */
  adopt(page: Document, target: Targets): void {
    for (const img of page.querySelectorAll("img")) this.#picture(img, target);
    for (const player of page.querySelectorAll<HTMLMediaElement>("video, audio")) this.#player(player, target);
  }

  /** Watches what was adopted, now that it stands on the page. */
  watch(): void {
    for (const e of this.#waiting.keys()) this.#near.observe(e);
  }

  /** Fetches all that has not come near the screen: paper shows everything. */
  async all(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((e) => this.#fetch(e)));
  }

  /** Lets go of everything that a page showed. */
  release(): void {
    this.#near.disconnect();
    for (const url of this.#urls.keys()) URL.revokeObjectURL(url);
    this.#made = new Map();
    this.#urls = new Map();
    this.#standing = new Map();
    this.#waiting = new Map();
  }

  /** Follows a link to a file as the browser would, once the file is there. */
  async follow(link: HTMLAnchorElement, entry: Entry, event?: MouseEvent): Promise<void> {
    const route = link.getAttribute("href") ?? "";
    const name = link.getAttribute("download") || entry.path.slice(entry.path.lastIndexOf("/") + 1);
    link.ariaBusy = "true";
    try {
      link.href = await this.#url(entry);
      if (!shown.test(entry.type) || link.hasAttribute("download")) link.download = name;
      else link.target = "_blank"; // never in place of the plan
      link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: event?.ctrlKey ?? false, metaKey: event?.metaKey ?? false, shiftKey: event?.shiftKey ?? false }));
    } catch (why) {
      this.failed(why);
    }
    link.ariaBusy = null;
    link.setAttribute("href", route);
  }

  /** Says whether a link leads to a blob of ours. A drawing is shown in its
   * element alone: opened by itself it could run something. */
  leads(link: HTMLAnchorElement): boolean {
    const entry = this.#urls.get(link.href);
    if (entry?.type === "image/svg+xml" && !link.dataset["view"]) link.download = entry.path.slice(entry.path.lastIndexOf("/") + 1);
    return this.#urls.has(link.href);
  }

  async #fetch(e: Element): Promise<void> {
    const fetch = this.#waiting.get(e);
    if (!fetch) return;
    this.#waiting.delete(e);
    this.#near.unobserve(e);
    try {
      await fetch();
    } catch (why) {
      this.failed(why);
    }
  }

  #url(entry: Entry, type = entry.type): Promise<string> {
    let url = this.#made.get(entry);
    if (!url) {
      if (entry.notAfter && entry.notAfter * 1000 <= Date.now()) return Promise.reject(because("expired"));
      url = this.deal.read(entry).then((data) => this.#blob(data, type, entry));
      url.catch(() => this.#made.delete(entry)); // to be tried again
      this.#made.set(entry, url);
    }
    return url;
  }

  #blob(data: BlobPart, type: string, entry?: Entry): string {
    const url = URL.createObjectURL(new Blob([data], { type }));
    this.#urls.set(url, entry);
    return url;
  }

  #stand(data: string, type: string): string {
    const url = this.#standing.get(data) ?? this.#blob(Uint8Array.from(data, (c) => c.charCodeAt(0)), type);
    this.#standing.set(data, url);
    return url;
  }

  #picture(img: HTMLImageElement, target: Targets): void {
    const choice = candidates(img).flatMap(([address, width]) => {
      const entry = file(target(address));
      return entry ? [{ entry, width }] : [];
    });
    img.removeAttribute("srcset");
    if (choice.length === 0) {
      const to = target(img.getAttribute("src"));
      if (to && "href" in to) img.src = PACKED ? address(shared(to.href)) : to.href;
      else img.removeAttribute("src");
      return;
    }
    // An empty picture of the same shape keeps its room.
    img.src = this.#stand(`<svg xmlns="http://www.w3.org/2000/svg" width="${img.width || 1}" height="${img.height || 1}"/>`, "image/svg+xml");
    this.#waiting.set(img, async () => {
      const wanted = img.clientWidth * devicePixelRatio;
      img.loading = "eager"; // it has waited
      img.src = await this.#url((choice.find((c) => c.width >= wanted) ?? choice.at(-1)!).entry);
      await img.decode().catch(() => undefined); // paper waits for it; what cannot be drawn has its words
    });
  }

  #player(player: HTMLMediaElement, target: Targets): void {
    const sources = [player, ...player.querySelectorAll("source")];
    const film = sources.map((s) => file(target(s.getAttribute("src")))).find((e) => e);
    if (player instanceof HTMLVideoElement) this.#poster(player, target);
    if (!film) return;
    const tracks = [...player.querySelectorAll("track")].map((track) => ({ track, words: file(target(track.getAttribute("src"))) }));
    for (const source of player.querySelectorAll("source")) source.remove();
    for (const { track } of tracks) track.removeAttribute("src");
    this.#idle(player, film, async () => {
      for (const { track, words } of tracks) if (words) track.src = await this.#url(words, "text/vtt");
      return film.size > large && await this.streams.url(film) || this.#url(film);
    });
  }

  #poster(video: HTMLVideoElement, target: Targets): void {
    const poster = file(target(video.getAttribute("poster")));
    video.removeAttribute("poster");
    if (poster) this.#waiting.set(video, async () => { video.poster = await this.#url(poster); });
  }

  /** A player that nothing is loaded into before it is started. */
  #idle(player: HTMLMediaElement, film: Entry, source: () => Promise<string>): void {
    player.src = this.#stand(silence, "audio/wav"); // or there would be nothing to start
    player.addEventListener("play", () => {
      player.removeAttribute("src");
      player.ariaBusy = "true";
      const failed = (why: unknown): void => {
        this.failed(why);
        this.#idle(player, film, source);
      };
      source().then(async (url) => {
        player.src = url;
        // A worker can tell a player no more than that there is nothing.
        player.addEventListener("error", () => failed(because("missing")), { once: true });
        await player.play().catch(() => undefined); // it was stopped again, or error tells
      }, failed).finally(() => { player.ariaBusy = null; });
    }, { once: true });
  }
}

/** The pictures that an element names, the smallest first. */
function candidates(img: HTMLImageElement): [string | null, number][] {
  const set = img.getAttribute("srcset");
  if (!set) return [[img.getAttribute("src"), 0]];
  const list = set.split(/,\s+/).map((c): [string, number] => {
    const [address = "", width = ""] = c.split(/\s+/);
    return [address, parseInt(width, 10)];
  });
  return list.sort((a, b) => a[1] - b[1]);
}

function file(to: Target | undefined): Entry | undefined {
  return to && "route" in to && !to.entry.page ? to.entry : undefined;
}
