// Bytes, numbers and texts as portico/1 spells them, and why something did not
// open. The format is in docs/sealing.md; Go's half of it beside this folder.

export type Bytes = Uint8Array<ArrayBuffer>;

/** The values by which a page tells what happened:
 * version: not of this format; wrong: the way in opens nothing here; damaged:
 * not what was sealed; missing: a file is not there; expired and older: what
 * should not be shown any more, or is older than what was seen before. */
export type Code = "version" | "wrong" | "damaged" | "missing" | "expired" | "older";

export class Failure extends Error {
  constructor(readonly code: Code) {
    super(code);
  }
}

/** Ends what is not as it was sealed. */
export function demand(fine: boolean, code: Code = "damaged"): asserts fine {
  if (!fine) throw new Failure(code);
}

const encoder = new TextEncoder();

export function join(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** What a stream brings, unless that is more than some size. */
export async function gather(stream: ReadableStream<Bytes>, most: number): Promise<Bytes> {
  const reader = stream.getReader();
  const parts: Bytes[] = [];
  for (let size = 0; ;) {
    const { value } = await reader.read();
    if (!value) return join(...parts);
    parts.push(value);
    size += value.length;
    if (size > most) await reader.cancel();
    demand(size <= most);
  }
}

/** What is told of bytes that nobody needs any more. A worker frees them. */
export const spent: { of(data: Bytes): void } = { of() {} };

/** Fields, each behind its length. */
export function fields(...list: (string | Uint8Array)[]): Bytes {
  return join(...list.flatMap((f) => {
    const data = typeof f === "string" ? encoder.encode(f) : f;
    const length = new Uint8Array(8);
    new DataView(length.buffer).setUint32(4, data.length);
    return [length, data];
  }));
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

/** Whether nothing but filler stands there. */
export function empty(data: Uint8Array): boolean {
  return data.every((v) => v === 0);
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

export function base32(data: Uint8Array): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (const byte of data) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += alphabet[held >> bits - 5 & 31];
    held &= 255;
  }
  return bits ? out + alphabet[held << 5 - bits & 31] : out;
}

/** The whole bytes of some symbols, or nothing. */
export function unbase32(text: string): Bytes | undefined {
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (const symbol of text) {
    const value = alphabet.indexOf(symbol);
    if (value < 0) return undefined;
    held = held << 5 | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push(held >> bits & 255);
    }
    held &= 255;
  }
  return new Uint8Array(out);
}

export function base64(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/** A text has one spelling: bits that belong to no byte are refused. */
export function unbase64(text: string): Bytes {
  demand(/^[\w-]*$/.test(text) && text.length % 4 !== 1);
  const out = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  demand(base64(out.subarray(out.length - out.length % 3)) === text.slice(text.length - text.length % 4));
  return out;
}

/** Takes fields off the front; what is cut off is damaged. */
export class Fields {
  #at = 0;
  constructor(readonly data: Bytes) {}

  take(n: number): Bytes {
    demand(this.#at + n <= this.data.length);
    this.#at += n;
    return this.data.subarray(this.#at - n, this.#at);
  }

  /** An integer of some bytes that JavaScript keeps exact. */
  number(n: number): number {
    const value = this.take(n).reduce((v, b) => v * 256 + b, 0);
    demand(Number.isSafeInteger(value));
    return value;
  }

  rest(): Bytes {
    return this.data.subarray(this.#at);
  }
}
