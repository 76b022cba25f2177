// The reader of portico/1 that runs in pages and workers. It knows no document:
// it is given the lock page's header, what a person typed, and a way to fetch
// the deal's files.

import { base64, demand, Failure, type Bytes } from "./bytes";
import type { Get } from "./fetch";
import { openSlot, type Header } from "./header";
import { readManifest, type Entry } from "./manifest";
import { linkCode, normal, parseCode, rootKey } from "./way";

export { Failure, spent, type Bytes, type Code } from "./bytes";
export { type Get } from "./fetch";
export { parseHeader, type Header } from "./header";
export { type Entry } from "./manifest";
export { read, stream } from "./object";
export { linkCode, normal, parseCode } from "./way";

/** A deal as someone with a way in sees it. Keys are of no use without a
 * browser: none can be read out of it. */
export interface Opened {
  did: Bytes;
  /** What a device may remember, for `resume`. */
  root: CryptoKey;
  vid: Bytes;
  cap: Bytes;
  changed: number;
  /** The earlier of the slot's and the deal's; 0 is never. */
  notAfter: number;
  entries: Entry[];
}

/** Opens a deal with what was typed or clicked: a link, a code, a phrase; two
 * of them where the deal asks for two factors. */
export async function unlock(h: Header, get: Get, ...typed: string[]): Promise<Opened> {
  const secrets: Bytes[] = [];
  const words: string[] = [];
  const codes: string[] = [];
  for (const text of typed) {
    const secret = await parseCode(linkCode(text)) ?? await parseCode(text);
    if (secret) secrets.push(secret);
    (secret ? codes : words).push(normal(text));
  }
  const phrases = [...words, ...codes].filter(Boolean);
  const tries = h.twoFactors
    ? secrets.flatMap((s) => phrases.map((w) => () => rootKey(h, s, w)))
    : [...secrets.map((s) => () => rootKey(h, s)), ...phrases.map((w) => () => rootKey(h, undefined, w))];
  for (const root of tries) {
    try {
      return await resume(h, get, await root());
    } catch (e) {
      if (!(e instanceof Failure && e.code === "wrong")) throw e;
    }
  }
  throw new Failure("wrong");
}

/** Opens a deal with the key that a device remembers. */
export async function resume(h: Header, get: Get, root: CryptoKey): Promise<Opened> {
  const slot = await openSlot(h, root);
  const [deal, ...parts] = await Promise.all([slot.deal, ...slot.audiences].map((key) => readManifest(h, key, get)));
  demand(deal !== undefined && deal.base === "" && deal.entries.every((e) => e.at === ""));
  // Else a host could put an old price into a new plan.
  demand(parts.every((m) => m.base === base64(deal.salt) && m.changed === deal.changed));
  const entries = [deal, ...parts].flatMap((m) => m.entries);
  demand(new Set(entries.map((e) => e.path + "\n" + e.at)).size === entries.length);
  const ends = [slot.notAfter, deal.notAfter].filter((t) => t > 0);
  return { did: h.did, root, vid: slot.vid, cap: slot.cap, changed: deal.changed, notAfter: ends.length > 0 ? Math.min(...ends) : 0, entries };
}

/** Whether a deal should be shown: expired at this second, or older than what
 * this device has seen before, if it has. */
export function check(o: { notAfter: number; changed: number }, now: number, seen = 0): void {
  demand(o.notAfter === 0 || now < o.notAfter, "expired");
  demand(o.changed >= seen, "older");
}
