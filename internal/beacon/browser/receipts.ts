// What an opened deal reports to its seller, and the switch that ends it. A page
// whose notice is missing reports nothing; nor does one in a browser that asks
// not to be tracked, where nothing is even looked at.
import { type Visit, visit } from "./visit";

/** Where the reader's choice is kept, for all plans of a portal alike. */
const choice = "portico-receipts";

/** Reports from now on: on the page that shows, and on those that take its
 * place. The capability says whose page it is. */
export function report(to: string, capability: string): void {
  const refused = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl || navigator.doNotTrack === "1";
  let off = false;
  let now: Visit | undefined;

  const end = (): void => {
    now?.end();
    now = undefined;
  };

  /** Does on the page that shows what was chosen. */
  const look = (): void => {
    const box = lever();
    if (!box || refused || off) end();
    else if (now) now.look();
    else now = visit(to, capability, again);
    if (box) {
      box.checked = Boolean(now);
      box.disabled = refused; // by which its style says why
    }
  };

  /** Begins another visit. */
  function again(): void {
    end();
    look();
  }

  /** Does what was chosen, in this tab or another. */
  const choose = (): void => {
    try {
      off = localStorage[choice] === "off";
    } catch {
      // what this page knows has to do
    }
    look();
  };

  choose();
  addEventListener("storage", choose);
  document.addEventListener("portico:page", look);
  addEventListener("change", ({ target }) => {
    const box = lever();
    if (!box || target !== box) return;
    off = !box.checked;
    try {
      localStorage[choice] = off ? "off" : "on";
    } catch {
      // it holds for this page
    }
    look();
  });
}

/** The notice's switch. */
function lever(): HTMLInputElement | null {
  return document.querySelector('[data-do="receipts"]');
}
