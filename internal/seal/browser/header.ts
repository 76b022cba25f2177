// The lock page's header, and what a slot holds.

import { demand, empty, Fields, fields, same, unbase64, type Bytes } from "./bytes";
import { derive, child, open } from "./crypt";

export interface Header {
  kid: Bytes;
  did: Bytes;
  salt: Bytes;
  epoch: Bytes;
  twoFactors: boolean;
  iterations: number;
  slots: { locator: Bytes; box: Bytes }[];
}

/** Reads the content of the one meta element of the name portico-1. */
export function parseHeader(content: string | undefined): Header {
  demand(content !== undefined, "version");
  const f = new Fields(unbase64(content));
  demand(f.data.length >= 8 && String.fromCharCode(...f.take(8)) === "PORTICO1", "version");
  const [kid, did, salt, epoch] = [f.take(4), f.take(10), f.take(16), f.take(16)];
  const flags = f.number(1);
  const iterations = f.number(4);
  const box = f.number(2);
  const count = f.number(2);
  const size = box - 72;
  demand(flags < 2 && iterations >= 10_000 && iterations <= 5_000_000);
  demand(size > 0 && size <= 15_872 && size % 512 === 0);
  demand(count >= 8 && count <= 4096 && (count & count - 1) === 0 && f.rest().length === count * (16 + box));
  const slots = Array.from({ length: count }, () => ({ locator: f.take(16), box: f.take(box) }));
  demand(ascending(slots.map((s) => s.locator)));
  return { kid, did, salt, epoch, twoFactors: flags === 1, iterations, slots };
}

/** Whether each of some bytes of one length comes before the next. */
function ascending(list: Bytes[]): boolean {
  return list.every((b, i) => {
    const a = list[i - 1];
    const k = a?.findIndex((v, k) => v !== b[k]) ?? -1;
    return !a || k >= 0 && (a[k] ?? 0) < (b[k] ?? 0);
  });
}

/** What a slot holds. */
export interface Slot {
  notAfter: number;
  vid: Bytes;
  cap: Bytes;
  deal: Bytes;
  audiences: Bytes[];
}

/** The slot that a way in finds, or wrong. */
export async function openSlot(h: Header, root: CryptoKey): Promise<Slot> {
  const [at, wrap] = await Promise.all([derive(root, 16, "loc", h.did, h.epoch), child(root, "wrap")]);
  const slot = h.slots.find((s) => same(s.locator, at));
  demand(slot !== undefined, "wrong");
  const f = new Fields(await open(wrap, fields("slot", h.did, h.kid, h.epoch, at), slot.box));
  demand(f.number(1) === 1, "version");
  const notAfter = f.number(8);
  const vid = f.take(10);
  const cap = f.take(f.number(2));
  const count = f.number(1);
  demand(count <= 32);
  const deal = f.take(32);
  const audiences = Array.from({ length: count }, () => f.take(32));
  demand(ascending(audiences) && empty(f.rest()));
  return { notAfter, vid, cap, deal, audiences };
}
