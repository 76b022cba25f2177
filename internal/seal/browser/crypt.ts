// Keys and sealed texts, on what every browser has.

import { demand, fields, gather, join, same, type Bytes } from "./bytes";

export const chunkSize = 16_384;
export const tagSize = 16;
/** Of salt and commitment. */
export const headSize = 56;
export const saltSize = 24;

const hash = { name: "HMAC", hash: "SHA-512" };

/** A key that nobody can read again. */
export function secret(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, hash, false, ["sign"]);
}

export async function mac(key: CryptoKey, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
}

/** HKDF-Expand: WebCrypto's own would extract first. */
async function expand(key: CryptoKey, info: Bytes, n: number): Promise<Bytes> {
  let out = new Uint8Array();
  let last = out;
  for (let i = 1; out.length < n; i++) {
    last = await mac(key, join(last, info, Uint8Array.of(i)));
    out = join(out, last);
  }
  return out.subarray(0, n);
}

/** The format's E. */
export function derive(key: CryptoKey, n: number, label: string, ...x: Uint8Array[]): Promise<Bytes> {
  return expand(key, fields("portico/1", label, ...x), n);
}

/** A key out of another one. */
export async function child(key: CryptoKey, label: string): Promise<CryptoKey> {
  return secret(await derive(key, 32, label));
}

/** Opens the chunks of one sealed text. */
export type Chunks = (i: number, sealed: Bytes) => Promise<Bytes>;

/** Checks the head, which is sealed under this key in this context or refused,
 * before anything is decrypted. */
export async function chunks(key: CryptoKey, context: Bytes, head: Bytes): Promise<Chunks> {
  const suite = new TextEncoder().encode("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0");
  const salt = head.subarray(0, saltSize);
  const okm = await expand(await child(key, "enc"), join(suite, salt, fields("portico/1", context)), 76);
  demand(same(okm.subarray(44), head.subarray(saltSize)));
  const aes = await crypto.subtle.importKey("raw", okm.subarray(0, 32), "AES-GCM", false, ["decrypt"]);
  return async (i, sealed) => {
    const iv = okm.slice(32, 44);
    const last = new DataView(iv.buffer, 8);
    last.setUint32(0, last.getUint32(0) ^ i);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, sealed).catch(() => undefined);
    demand(plain !== undefined);
    return new Uint8Array(plain);
  };
}

/** Opens a sealed text as a whole. */
export async function open(key: CryptoKey, context: Bytes, sealed: Bytes): Promise<Bytes> {
  const size = chunkSize + tagSize;
  demand(sealed.length >= headSize + tagSize && (sealed.length - headSize) % size >= tagSize);
  const chunk = await chunks(key, context, sealed.subarray(0, headSize));
  const parts: Promise<Bytes>[] = [];
  for (let at = headSize; at < sealed.length; at += size) parts.push(chunk(parts.length, sealed.subarray(at, at + size)));
  return join(...await Promise.all(parts));
}

/** The length to which n bytes are filled up. */
export function pad(n: number): number {
  if (n <= 1024) return 1024;
  const e = Math.floor(Math.log2(n));
  const step = 2 ** (e - Math.floor(Math.log2(e)) - 1);
  return Math.ceil(n / step) * step;
}

/** Inflates to at most some size, and tells what came of it. */
export async function inflate(data: Bytes, most: number): Promise<Bytes> {
  const inflated = await gather(new Response(data).body!.pipeThrough(new DecompressionStream("deflate-raw")), most).catch(() => undefined);
  demand(inflated !== undefined);
  return inflated;
}
