// A deal that was packed: everything that a host would have lies in the page
// itself, as text that no browser runs.
import type { Bytes } from "./bytes";

let held: Map<string, HTMLElement> | undefined;

/** The files, found while the page still has them. */
function files(): Map<string, HTMLElement> {
  return held ??= new Map([...document.querySelectorAll<HTMLElement>("script[data-name]")].map((e) => [e.dataset["name"] ?? "", e]));
}

/** A file, as fetch would give it. */
export function get(name: string): Response {
  const e = files().get(name);
  return e ? new Response(bytes(e)) : Response.error();
}

/** A file as text; empty where there is none. */
export function text(name: string): string {
  const e = files().get(name);
  return e ? new TextDecoder().decode(bytes(e)) : "";
}

/** A file as an address. */
export function address(name: string): string {
  const e = files().get(name);
  return e ? `data:${e.dataset["type"] ?? ""};base64,${e.textContent ?? ""}` : "";
}

/** The address of the page without what it ends in. */
export const page = (): string => location.href.split("#", 1)[0] ?? "";

function bytes(e: HTMLElement): Bytes {
  return Uint8Array.from(atob(e.textContent ?? ""), (c) => c.charCodeAt(0));
}

/** A packed page has no folder: its files have addresses that lead nowhere. */
export const folder = (): URL => new URL("https://packed.invalid/deal/");
