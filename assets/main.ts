// What a page does by itself, in the reader's browser. Everything is there
// without it; it keeps "today" true, opens what a link points to, and loads
// other people's players when asked.

export {};

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

/** Puts today's words, which the build has written, in place of the old. */
function today(): void {
  const days = daysSince();
  if (days <= 0) return;
  for (const e of document.querySelectorAll<HTMLElement>("[data-days]")) {
    const text = pick(e.dataset["days"], days);
    if (text !== undefined) e.textContent = text;
  }
  const shown = Number(page.dataset["day"]);
  for (const e of document.querySelectorAll<HTMLElement>("[data-to]")) {
    const text = phrase(Number(e.dataset["to"]) - shown - days, e.dataset["past"]);
    if (text) e.textContent = text;
  }
  for (const e of document.querySelectorAll<HTMLElement>("[data-states]")) {
    const state = pick(e.dataset["states"], days);
    if (state !== undefined) e.dataset["state"] = state;
  }
}

/** Unfolds whatever the address points to, and what is around it. */
function reveal(): void {
  let target: HTMLElement | null = null;
  try {
    target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return; // no address that anybody wrote
  }
  if (!target) return;
  const inside = target.querySelector(":scope > details");
  if (inside instanceof HTMLDetailsElement) inside.open = true;
  for (let e: HTMLElement | null = target; e; e = e.parentElement) {
    if (e instanceof HTMLDetailsElement) e.open = true;
  }
  target.scrollIntoView();
}

/** Gives every player of others a button that says whom it will contact. */
function frames(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("[data-frame]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = figure.dataset["load"] ?? "";
    button.addEventListener("click", () => {
      const frame = document.createElement("iframe");
      frame.src = figure.dataset["frame"] ?? "";
      frame.title = figure.querySelector("figcaption")?.textContent ?? "";
      frame.allow = "fullscreen";
      frame.allowFullscreen = true;
      frame.referrerPolicy = "strict-origin-when-cross-origin";
      button.replaceWith(frame);
    });
    figure.prepend(button);
  }
}

today();
frames();
reveal();
addEventListener("hashchange", reveal);
