/** What the server says of the page. */
export const facts = document.querySelector<HTMLScriptElement>("script[data-start]")!.dataset;

/** Whether this page is shown within another of the preview. */
export const framed = window.parent !== window;

/** An element with what it holds. */
export function make<K extends keyof HTMLElementTagNameMap>(name: K, set: Partial<HTMLElementTagNameMap[K]> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const e = Object.assign(document.createElement(name), set);
  e.append(...children);
  return e;
}

/** The place for all that is added, at the page's end. Neither style reaches
 * into the other, and the page is as much longer as this covers of it. */
export function host(): HTMLElement {
  const outside = document.createElement("portico-preview");
  const shadow = outside.attachShadow({ mode: "open" });
  const style = make("link", { rel: "stylesheet", href: facts["style"] ?? "" });
  const inside = make("div", { className: "foot", hidden: true });
  style.addEventListener("load", () => (inside.hidden = false));
  shadow.append(style, inside);
  document.body.append(outside);
  new ResizeObserver(() => {
    outside.style.blockSize = document.documentElement.style.scrollPaddingBlockEnd = `${inside.offsetHeight}px`;
  }).observe(inside);
  return inside;
}
