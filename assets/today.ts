const page = document.documentElement;

/** Days between the day that the page shows and the reader's own. */
function daysSince(): number {
  const shown = Number(page.dataset["day"] ?? 0);
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
function phrase(ahead: number, past: string | undefined): string | undefined {
  const kind = ahead >= 0 ? "ahead" : past === "overdue.days" ? "overdue" : "ago";
  const lines = (document.body.dataset[kind] ?? "").split("\n");
  return lines[Math.min(Math.abs(ahead), lines.length - 1)];
}

/** Moves the line of today along the timeline. */
function line(shown: number, days: number): void {
  const grid = document.getElementById("t-grid");
  const mark = document.getElementById("t-today");
  if (!grid || !mark) return;
  const from = Number(grid.dataset["from"]);
  const at = (shown + days - from) / (Number(grid.dataset["toDay"]) - from) * 100;
  mark.hidden = at < 0 || at > 100;
  mark.style.setProperty("--x", String(at));
}

/** Puts today's words, which the build has written, in place of the old. */
export function today(): void {
  const days = daysSince();
  if (days <= 0) return;
  const shown = Number(page.dataset["day"]);
  line(shown, days);
  for (const e of document.querySelectorAll<HTMLElement>("[data-days]")) {
    const text = pick(e.dataset["days"], days);
    if (text !== undefined) e.textContent = text;
  }
  for (const e of document.querySelectorAll<HTMLElement>("[data-to]")) {
    const text = phrase(Number(e.dataset["to"]) - shown - days, e.dataset["past"]);
    if (text) e.textContent = text;
  }
  for (const e of document.querySelectorAll<HTMLElement>("[data-states]")) {
    const state = pick(e.dataset["states"], days);
    if (state === undefined) continue;
    // The signs that show this state, and not that of something within.
    for (const sign of e.querySelectorAll<SVGElement>('use[href^="#s-"]')) {
      if (sign.closest("[data-states]") === e) sign.setAttribute("href", "#s-" + state);
    }
    e.dataset["state"] = state;
  }
}
