// Where an address on a sealed page leads: to a page of the deal, to a file of
// it, to what all deals share, or away.
import type { Entry } from "./reader";
import { deal, site } from "./trust";

/** The plan itself. */
export const home = "index.html";

/** A page or a file, and a place within it. */
export interface Route {
  readonly path: string;
  readonly anchor: string;
}

/** The end of an address that leads to a route: #/pages/security#h.scope. */
export function write({ path, anchor }: Route): string {
  if (path === home) return "#" + (anchor || "/");
  return "#/" + encoded(path.replace(/\.html$/, "")) + (anchor && "#" + anchor);
}

/** Where the end of an address leads; has says which pages there are. */
export function route(hash: string, has: (path: string) => boolean): Route {
  const [, path, anchor = ""] = /^#\/([^#]*)#?(.*)$/.exec(hash) ?? [];
  if (path === undefined) return { path: home, anchor: hash.slice(1) };
  const plain = decoded(path);
  return { path: !path ? home : has(plain + ".html") ? plain + ".html" : plain, anchor };
}

const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // nothing that was written here
  }
}

/** What an address means: something of the deal, or an address for the browser. */
export type Target = { readonly route: Route; readonly entry: Entry } | { readonly href: string };

/** Tells what addresses on the page at a path mean. What no manifest names leads nowhere. */
export function targets(page: string, find: (path: string) => Entry | undefined): (address: string | null) => Target | undefined {
  const base = new URL(encoded(page), deal);
  return (address) => {
    if (address === null || !URL.canParse(address, base.href)) return undefined;
    const url = new URL(address, base);
    if (!url.href.startsWith(deal.href)) return url.origin === deal.origin && !url.href.startsWith(site.href) ? undefined : { href: url.href };
    const path = decoded(url.pathname.slice(deal.pathname.length)) || home;
    const entry = find(path);
    return entry && { route: { path, anchor: url.hash.slice(1) }, entry };
  };
}

/** Gives the links of a page the addresses that they have from here. */
export function relink(page: Document, target: (address: string | null) => Target | undefined): void {
  for (const link of page.querySelectorAll<HTMLAnchorElement>("a[href]")) {
    const to = target(link.getAttribute("href"));
    if (!to) link.removeAttribute("href");
    else link.setAttribute("href", "href" in to ? to.href : write(to.route));
  }
}
