// What day it is, before anything shows: the build has written the words of
// every day into the page, and the reader's are put in place of the page's
// own. A page that showed the old ones first would move under the reader's
// eyes, so this runs in the head, and again whenever more of the page is
// there: what comes is right before it is painted.

/** Days between the day that a page shows and the reader's own. */
function daysSince(page: Document): number {
  const shown = Number(page.documentElement.dataset["day"] ?? 0);
  if (!shown) return 0;
  const now = new Date();
  return Math.round(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / 864e5) - shown;
}

/** The entry of a list of "days text" lines that holds after so many days. */
function pick(lines: string | undefined, days: number): string | undefined {
  let found: string | undefined;
  for (const line of (lines ?? "").split("\n")) {
    const blank = line.indexOf(" ");
    if (blank < 0) continue;
    if (Number(line.slice(0, blank)) > days) break;
    found = line.slice(blank + 1);
  }
  return found;
}

/** The phrase for a day that lies so many days ahead, or back if negative. */
function phrase(page: Document, ahead: number, past: string | undefined): string | undefined {
  const kind = ahead >= 0 ? "ahead" : past === "overdue.days" ? "overdue" : "ago";
  const lines = (page.body.dataset[kind] ?? "").split("\n");
  return lines[Math.min(Math.abs(ahead), lines.length - 1)] || undefined;
}

/** Moves the line of today along the timeline. */
function line(page: Document, day: number): void {
  const grid = page.getElementById("t-grid");
  const mark = page.getElementById("t-today");
  if (!grid || !mark) return;
  const from = Number(grid.dataset["from"]);
  const at = (day - from) / (Number(grid.dataset["toDay"]) - from) * 100;
  mark.toggleAttribute("hidden", at < 0 || at > 100);
  if (mark.style.getPropertyValue("--x") !== String(at)) mark.style.setProperty("--x", String(at));
}

/** Sets an attribute, unless it is set already: a browser takes any for new. */
function set(e: Element, name: string, value: string): void {
  if (e.getAttribute(name) !== value) e.setAttribute(name, value);
}

/** Writes a text where another stands, and leaves alone what is as it shall be:
 * every change is looked at anew. */
function write(e: HTMLElement, text: string | undefined): void {
  if (text !== undefined && e.textContent !== text) e.textContent = text;
}

/** Puts the words of a day, so many after the page's own, in place of the old. */
function today(page: Document, day: number, days: number): void {
  line(page, day);
  for (const e of page.querySelectorAll<HTMLElement>("[data-days]")) write(e, pick(e.dataset["days"], days));
  for (const e of page.querySelectorAll<HTMLElement>("[data-to]")) write(e, phrase(page, Number(e.dataset["to"]) - day, e.dataset["past"]));
  for (const e of page.querySelectorAll<HTMLElement>("[data-states]")) {
    const state = pick(e.dataset["states"], days);
    if (state === undefined) continue;
    // The signs that show this state, and not that of something within.
    for (const sign of e.querySelectorAll<SVGElement>('use[href^="#s-"]')) {
      if (sign.closest("[data-states]") === e) set(sign, "href", "#s-" + state);
    }
    set(e, "data-state", state);
  }
}

/** Puts the reader's day into what is there. */
function put(page: Document): void {
  const days = daysSince(page);
  if (days > 0) today(page, Number(page.documentElement.dataset["day"]) + days, days);
}

put(document);
if (document.readyState === "loading" && daysSince(document) > 0) {
  const more = new MutationObserver(() => {
    put(document);
    more.takeRecords(); // what was put is nothing more
  });
  more.observe(document, { childList: true, subtree: true });
  addEventListener("DOMContentLoaded", () => {
    put(document);
    more.disconnect();
  });
}
// In a sealed deal one page takes the place of another, and the first that of the
// lock page, where this runs already: it is told of each before that.
let told = false;
document.addEventListener("portico:ready", (event) => {
  told = true;
  put((event as CustomEvent<Document>).detail);
});
document.addEventListener("portico:page", () => {
  if (!told) put(document); // the page was ready before this came
});
