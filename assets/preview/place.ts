/** Where a reader is on a page. */
interface Place {
  path: string;
  /** Whether each thing that unfolds is open, by its name. */
  open: Record<string, boolean>;
  /** Whose milestones are shown: the side that is chosen, and the person. */
  side: string;
  who: string;
  /** The element at the top of the window, and how far it is from it. */
  id: string;
  top: number;
  y: number;
}

const key = "portico place";

/** Everything that unfolds, each by its own id, or by the next one around it
 * and its number there. */
function unfolding(): Map<string, HTMLDetailsElement> {
  const found = new Map<string, HTMLDetailsElement>();
  const count = new Map<string, number>();
  for (const e of document.querySelectorAll("details")) {
    const id = e.closest("[id]")?.id ?? "";
    const n = count.get(id) ?? 0;
    count.set(id, n + 1);
    found.set(`${id} ${n}`, e);
  }
  return found;
}

/** What the plan is filtered by. */
const chosen = (): HTMLInputElement | null => document.querySelector(".filter :checked");
const person = (): HTMLSelectElement | null => document.querySelector('[data-do="who"]');

/** Chooses again what was chosen before, as far as it is still there. */
function choose({ side, who }: Place): void {
  const input = document.getElementById(side);
  if (input instanceof HTMLInputElement) {
    input.checked = true;
    input.dispatchEvent(new Event("change"));
  }
  const select = person();
  if (select && [...select.options].some((option) => option.value === who)) {
    select.value = who;
    select.dispatchEvent(new Event("change"));
  }
}

/** The last element with an id that begins above the middle of the window. */
function top(): HTMLElement | undefined {
  let found: HTMLElement | undefined;
  for (const e of document.querySelectorAll<HTMLElement>("main [id]")) {
    const r = e.getBoundingClientRect();
    if (r.height > 0 && r.bottom > 0 && r.top < innerHeight / 2) found = e;
  }
  return found;
}

/** Loads the page again, and comes back to the same place. */
export function reload(): void {
  const e = top();
  const place: Place = { path: location.pathname, open: {}, side: chosen()?.id ?? "", who: person()?.value ?? "", id: e?.id ?? "", top: e?.getBoundingClientRect().top ?? 0, y: scrollY };
  for (const [name, details] of unfolding()) place.open[name] = details.open;
  try {
    sessionStorage.setItem(key, JSON.stringify(place));
    history.scrollRestoration = "manual";
  } catch {
    // nothing can be kept here; the browser does what it can
  }
  location.reload();
}

/** How many frames in a row a page has to stay as it is to have laid itself
 * out. */
const still = 45;

/** Comes back to where the reader was before the page was loaded again. The
 * page finds its true length little by little, so that it is held in place for
 * a while, unless the reader moves. */
export function restore(): void {
  const kept = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (!kept) return;
  const place = JSON.parse(kept) as Place;
  if (place.path !== location.pathname) return;
  choose(place);
  for (const [name, details] of unfolding()) {
    const open = place.open[name];
    if (open !== undefined) details.open = open;
  }
  const moved = new AbortController();
  for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(event, () => moved.abort(), { signal: moved.signal, passive: true });
  }
  let quiet = 0;
  const hold = (): void => {
    if (moved.signal.aborted) return;
    const e = place.id ? document.getElementById(place.id) : null;
    const by = e && place.y > 0 ? e.getBoundingClientRect().top - place.top : place.y - scrollY;
    if (Math.abs(by) >= 1) scrollBy({ top: by, behavior: "instant" });
    // Until it is loaded, the browser too would restore where it was.
    quiet = Math.abs(by) >= 1 || document.readyState !== "complete" ? 0 : quiet + 1;
    if (quiet < still) requestAnimationFrame(hold);
    else moved.abort();
  };
  moved.signal.addEventListener("abort", () => {
    if (document.readyState === "complete") history.scrollRestoration = "auto";
    else addEventListener("load", () => setTimeout(() => (history.scrollRestoration = "auto")), { once: true });
  });
  hold();
}
