// The one place where text becomes a page or the address of a script. The
// content security policy of a page allows no other policy than this one.
import { folder, text } from "./packed";

declare const PACKED: boolean;

interface Policy {
  createHTML(html: string): string;
  createScriptURL(url: string): string;
  createScript?(url: string): string;
}

/** The deal's folder, and the site's, as addresses. */
export const deal = PACKED ? folder() : new URL("./", location.href);
export const site = new URL("../", deal);

/** Scripts of the program or the theme, and the worker: nothing that a page names else. */
function ours(url: string): boolean {
  return url === deal.href + "sw.js" || (url.startsWith(site.href + "_/") && /^[\w.-]+\.js$/.test(url.slice(site.href.length + 2)));
}

const rules: Policy = {
  createHTML: (html) => html, // of pages and fragments alone, once the reader has checked them
  createScriptURL: (url) => {
    if (!ours(url)) throw new TypeError("not a script of this site");
    return url;
  },
};
if (PACKED) rules.createScript = (url) => text(ours(url) ? shared(url) : "");

/** Browsers without trusted types get the same rules. */
const policy = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes?.createPolicy("portico", rules) ?? rules;

/** A page that loads and runs nothing. */
export function parse(html: string): Document {
  return new DOMParser().parseFromString(policy.createHTML(html), "text/html");
}

/** Puts HTML into an element of such a page. */
export function fill(place: Element, html: string): void {
  const range = place.ownerDocument.createRange();
  range.selectNodeContents(place);
  place.append(range.createContextualFragment(policy.createHTML(html)));
}

export function script(url: string): string {
  return policy.createScriptURL(url);
}

/** The text of a script that a packed page holds. */
export function code(url: string): string {
  return policy.createScript?.(url) ?? "";
}

/** What a file that all deals share is called. */
export function shared(url: string): string {
  return url.slice(site.href.length);
}
