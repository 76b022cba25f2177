// What a page does by itself, in the reader's browser. Everything is there
// without it; it unfolds what a link points to, filters, shows files in place,
// and tells what changed since the last visit. What day it is, today.ts knows.

import { filters } from "./filters";
import { since } from "./since";
import { tables } from "./tables";
import { viewer } from "./viewer";

/** Unfolds whatever the address points to, and what is around it. */
function reveal(): void {
  let target: HTMLElement | null = null;
  try {
    // A page of a sealed deal has its own address before that of the place.
    target = document.getElementById(decodeURIComponent(location.hash.slice(location.hash.lastIndexOf("#") + 1)));
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
      frame.focus();
    });
    figure.prepend(button);
  }
}

/** Marks the link of the section that is being read. */
function sections(gone: AbortSignal): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".sections a")];
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links) {
        if (link.hash === "#" + entry.target.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-20% 0px -75%" });
  for (const link of links) {
    const section = document.querySelector(link.hash);
    if (section) seen.observe(section);
  }
  gone.addEventListener("abort", () => seen.disconnect());
}

/** Prints the whole plan, whatever is filtered or folded on the screen. */
function printing(signal: AbortSignal): void {
  let undo: (() => void)[] = [];
  addEventListener("beforeprint", () => {
    for (const e of document.querySelectorAll<HTMLElement>(".stage[hidden], .milestone[hidden]")) {
      e.hidden = false;
      undo.push(() => e.hidden = true);
    }
    // The style lays out what is folded, where a browser lets it.
    if (CSS.supports("selector(::details-content)")) return;
    for (const e of document.querySelectorAll<HTMLDetailsElement>("main .wrap.flow details:not([open])")) {
      e.open = true;
      undo.push(() => e.open = false);
    }
  }, { signal });
  addEventListener("afterprint", () => {
    for (const back of undo) back();
    undo = [];
  }, { signal });
  for (const button of document.querySelectorAll<HTMLElement>('[data-do="print"]')) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

/** Lays out, one section a frame, what the style leaves out far from the screen:
 * only then does the page have its true length. */
function whole(gone: AbortSignal): void {
  const rest = [...document.querySelectorAll<HTMLElement>(".flow > section")];
  const next = (): void => {
    const section = rest.shift();
    if (!section || gone.aborted) return;
    section.style.contentVisibility = "visible";
    requestAnimationFrame(() => setTimeout(next));
  };
  next();
}

let page = new AbortController();

/** Does all this for the page that is there, and no more for the one before. */
function start(): void {
  page.abort();
  page = new AbortController();
  const { signal } = page;
  reveal();
  addEventListener("hashchange", reveal, { signal });
  // What nobody can have reached for yet waits its turn, each part as a task of
  // its own, so that the page answers in between.
  for (const part of [filters, printing, sections, viewer, tables, frames, since, whole]) {
    setTimeout(() => { if (!signal.aborted) part(signal); });
  }
}

start();
// In a sealed deal one page takes the place of another.
document.addEventListener("portico:page", start);
