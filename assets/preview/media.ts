import { framed } from "./host";
import type { Settings } from "./settings";

/** Media queries as they were written. */
const written = new WeakMap<MediaList, string>();

let now: { scheme: string; paper: boolean } = { scheme: "", paper: false };

/** A media query as it would be answered with other colours, or on paper. */
function answered(query: string): string {
  if (now.scheme) {
    query = query.replace(/\(prefers-color-scheme:\s*(light|dark)\)/g, (_, wanted) => wanted === now.scheme ? "(min-width: 0)" : "(max-width: 0)");
  }
  if (now.paper) query = query.replace(/\b(print|screen)\b/g, (medium) => medium === "print" ? "screen" : "print");
  return query;
}

function adapt(media: MediaList): void {
  const query = written.get(media) ?? media.mediaText;
  written.set(media, query);
  const text = answered(query);
  if (media.mediaText !== text) media.mediaText = text;
}

function within(rules: CSSRuleList): void {
  for (const rule of rules) {
    if (rule instanceof CSSMediaRule) adapt(rule.media);
    if ("cssRules" in rule) within(rule.cssRules as CSSRuleList);
  }
}

/** Has every stylesheet of the page answer as it is looked at. */
export function emulateAgain(): void {
  for (const sheet of document.styleSheets) within(sheet.cssRules);
}

/** Shows the page in the light, in the dark, or as it will be printed. */
export function emulate(wanted: Settings): void {
  const paper = framed && wanted.size === "paper";
  if (paper !== now.paper) {
    // Once the page's own script has had its turn.
    setTimeout(() => dispatchEvent(new Event(paper ? "beforeprint" : "afterprint")));
  }
  now = { scheme: paper ? "light" : wanted.scheme, paper };
  document.documentElement.style.colorScheme = now.scheme;
  emulateAgain();
}
