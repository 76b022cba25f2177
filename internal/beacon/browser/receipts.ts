// What an opened deal reports to its seller, and the switch that ends it. A page
// whose notice is missing reports nothing; nor does one in a browser that asks
// not to be tracked, where nothing is even looked at.
import { type Visit, visit } from "./visit";

/** Where the reader's choice is kept, for all plans of a portal alike. */
const choice = "portico-receipts";

/** Reports from now on: on the page that shows, and on those that take its
 * place. The capability says whose page it is. */
export function report(to: string, capability: Uint8Array): void {
  const refused = Boolean((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) || navigator.doNotTrack === "1";
  let off = false;
  let now: Visit | undefined;

  const recall = (): void => {
    try {
      off = localStorage.getItem(choice) !== null;
    } catch {
      // what this page knows has to do
    }
  };

  const keep = (): void => {
    try {
      if (off) localStorage.setItem(choice, "off");
      else localStorage.removeItem(choice);
    } catch {
      // it holds for this page
    }
  };

  const end = (): void => {
    now?.end();
    now = undefined;
  };

  /** Does on the page that shows what was chosen. */
  const look = (): void => {
    const box = document.querySelector<HTMLInputElement>('[data-do="receipts"]');
    for (const e of box?.closest(".receipts")?.children ?? []) (e as HTMLElement).hidden = e.matches(".refused") !== refused;
    if (!box || refused || off) end();
    else if (now) now.look();
    else now = visit(to, capability, again);
    if (box) box.checked = Boolean(now);
  };

  /** Begins another visit. */
  function again(): void {
    end();
    look();
  }

  recall();
  look();
  document.addEventListener("portico:page", look);
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches('[data-do="receipts"]')) return;
    off = !target.checked;
    keep();
    look();
  });
  addEventListener("storage", () => { // another tab's switch
    recall();
    look();
  });
}
