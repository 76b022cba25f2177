// Ways in: what people type or click, and the key that it comes to.

import { base32, fields, join, unbase32, type Bytes } from "./bytes";
import { derive, mac, secret } from "./crypt";
import type { Header } from "./header";

/** What of a phrase counts: not its capitals, spaces, dashes and quotes. */
export function normal(text: string): string {
  return text.normalize("NFKC").replace(/[^!-~]|[-'"`]/g, "").toLowerCase();
}

/** The secret that a code holds, if it is one. */
export async function parseCode(text: string): Promise<Bytes | undefined> {
  const symbols = text.replace(/[^a-zA-Z0-9]/g, "").toLowerCase().replace(/o/g, "0").replace(/[il]/g, "1");
  const data = symbols.length === 28 ? unbase32(symbols)?.slice(0, 16) : undefined;
  if (!data) return undefined;
  const check = await derive(await secret(data), 2, "code");
  return base32(join(data, check)).startsWith(symbols) ? data : undefined;
}

/** The code of a personal link: what stands behind # or, where a mail filter
 * made that of it, %23. A route, which begins with #/, holds none. */
export function linkCode(link: string): string {
  const behind = (mark: string): string => /^[a-zA-Z0-9-]*/.exec(link.split(mark)[1] ?? "")?.[0] ?? "";
  return behind("#") || behind("%23");
}

/** The key of a way in: of a link's secret, of words, or of both. It is all
 * that a device needs to remember. */
export async function rootKey(h: Header, code?: Bytes, words?: string): Promise<CryptoKey> {
  let stretched = new Uint8Array();
  if (words) {
    const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(words), "PBKDF2", false, ["deriveBits"]);
    stretched = new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: h.salt, iterations: h.iterations }, base, 256));
  }
  return secret(await mac(await secret(h.salt), fields(code ?? new Uint8Array(), stretched)));
}
