import { facts, framed } from "./host";
import { emulateAgain } from "./media";
import type { Trouble } from "./mistakes";
import { reload } from "./place";
import { settings } from "./settings";

/** How long to wait before the server is called again, in milliseconds. */
const retry = 500;

/** An address without what changes with the content that lies there. */
function plain(address: string): string {
  return new URL(address, location.href).pathname.replace(/-[A-Z0-9]{8}\.css$/, ".css");
}

/** Puts new stylesheets in place of the old ones, each once it has come. */
function swap(styles: string[]): void {
  for (const old of document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')) {
    const next = styles.find((address) => plain(address) === plain(old.href));
    if (!next || new URL(next, location.href).href === old.href) continue;
    const link = old.cloneNode() as HTMLLinkElement;
    link.href = next;
    link.addEventListener("load", () => {
      old.remove();
      emulateAgain();
    });
    link.addEventListener("error", () => link.remove());
    old.after(link);
  }
}

/** Listens to the server, for as long as the page is there. Of the tabs that
 * nobody sees only one listens, since a browser opens few connections; the
 * others ask when they are seen again. */
export function live(trouble: (t: Trouble) => void, status: (connected: boolean) => void): void {
  let source: EventSource | undefined;
  let seen = facts["seen"] ?? "";
  let soon = 0;
  const others = new BroadcastChannel("portico preview");
  const close = (): void => {
    clearTimeout(soon);
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    if (source) return;
    clearTimeout(soon);
    others.postMessage("listening");
    const stream = source = new EventSource("/_portico/events?" + new URLSearchParams({ page: location.pathname, seen }).toString());
    const on = (name: string, f: (data: unknown) => void): void => {
      stream.addEventListener(name, (event: MessageEvent<string>) => f(JSON.parse(event.data)));
    };
    on("start", (run) => {
      status(true);
      if (run !== facts["start"]) reload();
    });
    on("reload", () => {
      // What is around a frame is not seen; it is loaded again when it is.
      if (framed || settings().size === "full") reload();
    });
    on("styles", (data) => {
      const now = data as { seen: string; styles: string[] };
      seen = now.seen;
      swap(now.styles);
    });
    on("mistakes", (data) => trouble(data as Trouble));
    stream.addEventListener("error", () => {
      close();
      status(false);
      soon = setTimeout(open, retry);
    });
  };
  others.addEventListener("message", () => {
    if (document.hidden) close();
  });
  addEventListener("visibilitychange", () => {
    if (!document.hidden) open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
  open();
}
