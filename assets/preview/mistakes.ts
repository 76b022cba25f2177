import { make } from "./host";

/** What keeps a page from being shown as it was written last. */
export interface Trouble {
  error: string;
  mistakes: { place: string; text: string; code: string; detail: string }[];
}

/** Shows mistakes over the page, until there are none. Every text goes into
 * the page as text. */
export function mistakes(at: HTMLElement, status: (connected: boolean, wrong: number) => void): (t: Trouble) => void {
  const title = make("b");
  const list = make("ol");
  const panel = make("details", { className: "mistakes", open: true, hidden: true },
    make("summary", {}, title, make("span", { className: "quiet" }, "Until then the page is as it was good last.")), list);
  const told = make("div", {}, panel);
  told.setAttribute("role", "status");
  at.prepend(told);
  return (t) => {
    const wrong = t.mistakes.length + (t.error ? 1 : 0);
    if (wrong > 0 && panel.hidden) panel.open = true;
    panel.hidden = wrong === 0;
    title.textContent = wrong === 1 ? "1 error" : `${wrong} errors`;
    const items = t.mistakes.map((m) => make("li", {},
      make("p", {}, make("span", { className: "place" }, m.place), " ", make("b", {}, m.text), " ", make("span", { className: "quiet" }, `[${m.code}]`)),
      ...(m.detail ? [make("pre", {}, m.detail)] : [])));
    if (t.error) items.unshift(make("li", {}, make("pre", {}, t.error)));
    for (const pre of items.flatMap((e) => [...e.querySelectorAll("pre")])) pre.tabIndex = 0; // it scrolls
    list.replaceChildren(...items);
    status(true, wrong);
  };
}
