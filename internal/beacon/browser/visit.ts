// One visit: what of the deal is in sight, and for how long. Time counts while
// the page shows and somebody is there; what nobody can have seen is not told.
import { outbox } from "./outbox";

export interface Visit {
  /** Turns to the page that shows now. */
  look(): void;
  /** Ends it at once: nothing more is looked at, told or sent. */
  end(): void;
}

/** A part of the deal, by its mark on the page: a letter and what it is called. */
interface Part {
  readonly mark: string;
  ms: number;
  progress: number;
  /** What was told last. */
  told: string;
}

const kinds: Record<string, string> = { s: "section", m: "milestone", d: "document", v: "video", l: "link" };

const second = 1000, minute = 60 * second;
/** How long the page has to be in sight to be opened, a section to be read. */
const opening = 2 * second, glance = second;
const heartbeat = 15 * second;
/** How long somebody is there after the last sign of it. What is typed into a
 * frame, a PDF's say, no page hears of. */
const presence = minute, presenceInFrame = 10 * minute;
/** Who comes back after so long comes for another visit. */
const absence = 30 * minute;

export function visit(to: string, capability: Uint8Array, again: () => void): Visit {
  const box = outbox(to, capability);
  const gone = new AbortController();
  const options = { capture: true, passive: true, signal: gone.signal };
  const parts = new Map<string, Part>();
  const films = new Map<Element, Part>();
  let inSight: Part[] = [], counted = performance.now(), sign = counted, framed = false;
  let acted = navigator.userActivation.hasBeenActive, opened = false;
  /** What was opened in the page's dialog. */
  let shown: Part | undefined;

  const part = (mark: string): Part => {
    const there = parts.get(mark) ?? { mark, ms: 0, progress: 0, told: "" };
    parts.set(mark, there);
    return there;
  };
  const whole = part("");

  // In sight is what lies across the middle of the window, or half of which shows.
  const near = [{ rootMargin: "-50% 0px" }, { threshold: .5 }].map((how) => {
    const found = new Set<HTMLElement>();
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) found.add(target as HTMLElement);
        else found.delete(target as HTMLElement);
      }
      count();
    }, how);
    return { found, observer };
  });

  /** Adds the time since it was last asked to what has been in sight since then,
   * and finds out what is now. To be asked before anything of that changes. */
  function count(): void {
    const now = performance.now();
    const until = films.size > 0 ? now : Math.min(now, sign + (framed ? presenceInFrame : presence));
    for (const p of inSight) p.ms += Math.max(0, until - counted);
    counted = now;
    inSight = [];
    if (document.visibilityState !== "visible") return;
    const dialog = document.querySelector("dialog[open]");
    framed = document.activeElement instanceof HTMLIFrameElement;
    inSight = [whole, ...films.values()];
    if (dialog) return void (shown && inSight.push(shown));
    for (const e of new Set(near.flatMap(({ found }) => [...found]))) {
      const mark = e.dataset["part"] ?? "";
      if (!mark.startsWith("m") || e.querySelector<HTMLDetailsElement>(":scope > details")?.open) inSight.push(part(mark));
    }
  }

  function tell(last = false): void {
    count();
    opened ||= acted && whole.ms >= opening;
    if (!opened) return;
    for (const { mark, ms, progress } of parts.values()) {
      const p = parts.get(mark)!, told = `${Math.round(ms)} ${progress}`;
      if (told === p.told || mark.startsWith("s") && ms < glance) continue;
      p.told = told;
      box.tell(kinds[mark.charAt(0)] ?? "open", mark.slice(1) || undefined, Math.round(ms), progress || undefined);
    }
    box.send(last);
  }

  function here({ type, isTrusted }: Event): void {
    if (!isTrusted) return;
    const now = performance.now();
    if (now - sign > absence) return again();
    acted ||= !/move|scroll/.test(type);
    if (now - sign < second) return;
    count();
    sign = now;
  }

  function clicked({ target, isTrusted }: Event): void {
    if (!isTrusted || !(target instanceof Element)) return;
    const link = target.closest<HTMLElement>("a[data-part]") ?? inside(target.closest("[data-frame] > button")?.parentElement);
    const mark = link?.dataset["part"];
    if (mark && link.hasAttribute("download")) box.tell("download", mark.slice(1));
    else if (mark?.startsWith("l")) box.tell("link", mark.slice(1));
    else if (mark) shown = part(mark);
    if (!target.closest('[data-do="lock"]')) return;
    box.tell("lock");
    tell(true);
  }

  function played({ target }: Event): void {
    if (!(target instanceof HTMLMediaElement)) return;
    count();
    films.delete(target);
    const mark = (inside(target) ?? inside(target.closest("figure")))?.dataset["part"];
    // One that was not started yet holds a moment of silence.
    if (mark && target.duration > 1) {
      const film = part(mark), { played } = target;
      let time = 0;
      for (let i = 0; i < played.length; i++) time += played.end(i) - played.start(i);
      film.progress = Math.max(film.progress, Math.min(1000, Math.round(1000 * time / target.duration)));
      if (!target.paused && !target.ended) films.set(target, film);
    }
    count();
  }

  const hear = (types: string, what: (event: Event) => void): void => {
    for (const type of types.split(" ")) addEventListener(type, what, options);
  };
  hear("pointermove pointerdown keydown wheel touchmove scroll", here);
  hear("click", clicked);
  hear("playing pause ended emptied timeupdate", played);
  hear("beforeprint", () => box.tell("print"));
  hear("visibilitychange pagehide", () => tell(document.visibilityState !== "visible"));
  const folds = new MutationObserver(count);
  folds.observe(document, { subtree: true, attributeFilter: ["open"] });
  let timer = 0;
  const beat = (): void => {
    tell();
    timer = setTimeout(beat, opened ? heartbeat : second);
  };

  const look = (): void => {
    count();
    films.clear();
    for (const { found, observer } of near) {
      found.clear();
      observer.disconnect();
      for (const e of document.querySelectorAll("[data-part]:not(a)")) observer.observe(e);
    }
    count();
  };
  look();
  beat();
  return {
    look,
    end() {
      gone.abort();
      clearTimeout(timer);
      folds.disconnect();
      for (const { observer } of near) observer.disconnect();
    },
  };
}

/** The link to what an element shows. */
function inside(e: Element | null | undefined): HTMLElement | null {
  return e?.querySelector<HTMLElement>("a[data-part]") ?? null;
}
