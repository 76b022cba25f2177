// A deal is opened ahead of the click that shows it, once its reader is there:
// has come to the form, presses a key on it, or pauses in typing. What comes of
// it stays in memory; nothing of it is shown, said or reported before the click.
// A mail scanner's browser, which loads the page and no more, gives no such sign.

import { warm } from "./sample";

/** For how long what was opened is as good as new, in milliseconds. */
const patience = 300_000;

export class Ahead<T> {
  /** What was given last, when, and what it opened, unless it did not. */
  #tried: { what: string; at: number; opened: Promise<T> | undefined } | undefined;

  constructor(
    form: HTMLElement,
    /** How long who types pauses before it is tried: longer where a try takes longer. */
    pause: number,
    private readonly given: () => string[],
    private readonly open: (given: string[]) => Promise<T>,
  ) {
    // Who has clicked would wait for it.
    const ready = (): void => { if (!this.#tried) warm(); };
    // Styles that the plan has and the lock page has not.
    const href = document.body.dataset["reading"];
    if (href) document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: ready }));
    else ready();
    let soon = 0;
    for (const sign of ["pointermove", "pointerdown", "keydown", "input"]) {
      form.addEventListener(sign, ({ isTrusted, target }) => {
        if (!isTrusted || sign === "keydown" && target instanceof HTMLInputElement) return; // what is typed is not whole
        clearTimeout(soon);
        soon = setTimeout(() => void this.#try(false), sign === "input" ? pause : 0);
      });
    }
  }

  /** What is given by now opens, for somebody who has clicked. */
  clicked(): Promise<T> {
    return this.#try(true)!;
  }

  /** Tries what is given, once, unless a click asks for it again. */
  #try(again: boolean): Promise<T> | undefined {
    const given = this.given(), what = given.join("\n"), at = Date.now();
    let tried = this.#tried;
    if (tried?.what !== what || again && (!tried.opened || at > tried.at + patience)) {
      const opened = this.open(given), now = { what, at, opened: opened as Promise<T> | undefined };
      opened.catch(() => { now.opened = undefined; });
      this.#tried = tried = now;
    }
    return tried.opened;
  }
}
