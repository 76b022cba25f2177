// One visit: what of the deal is in sight, and for how long. Time counts while
// the page shows and somebody is there; what nobody can have seen is not told.
import { outbox } from "./outbox";

export interface Visit {
  /** Turns to the page that shows now. */
  look(): void;
  /** Ends it at once: nothing more is looked at, told or sent. */
  end(): void;
}

/** A part of the deal, or the whole. */
interface Part {
  /** As the page has it: the kind and, behind a blank, what it is called. */
  readonly mark: string;
  ms: number;
  /** How much of a film, a text or a picture was seen: its progress, in thousandths. */
  p: number;
  /** What was told last, both in one: neither ever becomes less. */
  told?: number;
}

/** In milliseconds. */
const enum For {
  /** How long the page has to be in sight to be opened, and a section to be read. */
  Opening = 2000,
  Glance = 1000,
  Heartbeat = 15_000,
  /** How long somebody is there after the last sign of it. What is typed into a
   * frame, a PDF's say, no page hears of. */
  Presence = 60_000,
  PresenceInFrame = 600_000,
  /** Who comes back after so long comes for another visit. */
  Absence = 1_800_000,
}

export function visit(to: string, capability: string, again: () => void): Visit {
  const { tell: put, send } = outbox(to, capability);
  const gone = new AbortController();
  const parts = new Map<string, Part>();
  const films = new Map<Element, Part>();
  /** What lies across the middle of the window. */
  const near = new Set<HTMLElement>();
  let inSight = new Set<Part>(), counted = performance.now(), sign = counted, framed: boolean | undefined;
  let acted = navigator.userActivation.hasBeenActive, opened = false;
  /** What was opened in the page's dialog. */
  let shown: Part | undefined;

  const part = (mark: string): Part => {
    const there = parts.get(mark) ?? { mark, ms: 0, p: 0 };
    parts.set(mark, there);
    return there;
  };
  const whole = part("open");

  const reach = (part: Part, share: number): void => {
    part.p = Math.max(part.p, Math.min(share * 1000 | 0, 1000));
  };

  /** Adds the time since it was last asked to what has been in sight since then,
   * and finds out what is now. To be asked when anything of that changes. */
  const count = (): void => {
    const now = performance.now();
    const until = films.size ? now : Math.min(now, sign + (framed ? For.PresenceInFrame : For.Presence));
    for (const p of inSight) p.ms += Math.max(0, until - counted);
    counted = now;
    inSight = new Set();
    if (document.hidden) return;
    inSight = new Set([whole, ...films.values()]);
    framed = document.activeElement?.matches("iframe");
    const dialog = document.querySelector("dialog[open]");
    if (dialog) {
      if (!shown) return;
      inSight.add(shown);
      if (dialog.querySelector("img")) reach(shown, 1); // it is fitted into the dialog
      return;
    }
    for (const e of near) {
      const mark = e.dataset["part"]!;
      if (mark[0] === "m" && !e.querySelector<HTMLDetailsElement>(":scope > details")?.open) continue;
      const it = part(mark);
      inSight.add(it);
      if (mark[0] !== "d") continue;
      // A text or a table, which is near only as long as it is unfolded.
      const { top, height } = e.getBoundingClientRect();
      reach(it, (innerHeight - top) / height);
    }
  };

  const tell = (last?: boolean): void => {
    count();
    opened ||= acted && whole.ms >= For.Opening;
    if (!opened) return;
    for (const part of parts.values()) {
      const { mark, ms, p } = part, told = ms + p;
      if (told === part.told || mark[0] === "s" && ms < For.Glance) continue;
      part.told = told;
      put(mark, ms | 0, p);
    }
    send(last);
  };

  const here = ({ type }: Event): void => {
    const now = performance.now();
    if (now - sign > For.Absence) return again();
    acted ||= !/move|scroll/.test(type);
    if (now - sign < 1000) return;
    count();
    sign = now;
  };

  const clicked = (event: Event): void => {
    const target = event.target as Element;
    const link = target.closest<HTMLElement>("a[data-part]") ?? inside(target.closest("figure button"));
    const mark = link?.dataset["part"];
    if (mark) {
      if (link.hasAttribute("download")) put(mark.replace(/^\w+/, "download"));
      else if (mark[0] === "l") put(mark);
      else shown = part(mark);
    }
    if (!target.closest('[data-do="lock"]')) return;
    put("lock");
    tell(true);
  };

  const played = (event: Event): void => {
    const player = event.target as HTMLMediaElement, { played, duration } = player;
    count();
    films.delete(player);
    const mark = inside(player)?.dataset["part"];
    // One that was not started yet holds a moment of silence.
    if (mark && duration > 1) {
      const film = part(mark);
      let time = 0;
      for (let i = 0; i < played.length; i++) time += played.end(i) - played.start(i);
      reach(film, time / duration);
      if (!player.paused && !player.ended) films.set(player, film);
    }
    count();
  };

  /** Listens for what the reader and the browser do, not for what a script does. */
  const hear = (types: string, what: (event: Event) => void): void => {
    for (const type of types.split(" ")) {
      addEventListener(type, (event) => { if (event.isTrusted) what(event); }, { capture: true, signal: gone.signal });
    }
  };
  hear("pointermove pointerdown keydown wheel scroll", here);
  hear("click", clicked);
  hear("playing pause timeupdate", played);
  hear("beforeprint", () => put("print"));
  hear("visibilitychange pagehide", () => tell(document.hidden));
  hear("toggle focusin close", count); // a dialog takes the focus when it opens
  const crossing = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) near[isIntersecting ? "add" : "delete"](target as HTMLElement);
    count();
  }, { rootMargin: "-30% 0px" });
  let timer = 0;
  const beat = (): void => {
    tell();
    timer = setTimeout(beat, opened ? For.Heartbeat : 1000);
  };

  const look = (): void => {
    films.clear();
    near.clear();
    crossing.disconnect();
    for (const e of document.querySelectorAll("[data-part]:not(a)")) crossing.observe(e);
    count();
  };
  look();
  beat();
  return {
    look,
    end() {
      gone.abort();
      clearTimeout(timer);
      crossing.disconnect();
    },
  };
}

/** The link in the figure around an element. */
function inside(e: Element | null): HTMLElement | null | undefined {
  return e?.closest("figure")?.querySelector<HTMLElement>("a[data-part]");
}
