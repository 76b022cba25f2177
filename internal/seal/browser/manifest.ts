// What a key opens: the list of pages and files under it.

import { demand, empty, fields, Failure, unbase64, base32, type Bytes } from "./bytes";
import { child, derive, inflate, open, pad, saltSize, secret } from "./crypt";
import { whole, type Get } from "./fetch";
import type { Header } from "./header";

/** A page or a file; a page's fragment belongs into the element `at`. It can be
 * sent to a worker. */
export interface Entry {
  path: string;
  at: string;
  type: string;
  page: boolean;
  size: number;
  stored: number;
  deflated: boolean;
  salt: Bytes;
  changed: number;
  notAfter: number;
  key: CryptoKey;
}

export interface Manifest {
  changed: number;
  notAfter: number;
  base: string;
  entries: Entry[];
  salt: Bytes;
}

const limit = 32 * 2 ** 20;
const download = "application/octet-stream";
const shown = /^(application\/pdf|image\/(png|jpeg|gif|webp|avif|svg\+xml)|audio\/(mpeg|mp4|ogg)|video\/(mp4|webm)|text\/(csv|plain))$/;

export async function readManifest(h: Header, raw: Bytes, get: Get): Promise<Manifest> {
  const key = await secret(raw);
  const [sealed, manifest, object] = await Promise.all([
    derive(key, 16, "name").then((name) => whole(get, "o/" + base32(name), 2 * limit)),
    child(key, "manifest"), child(key, "object"),
  ]);
  const p = await open(manifest, fields("manifest", h.did, h.epoch), sealed);
  demand(p.length >= 4);
  const n = 4 + new DataView(p.buffer, p.byteOffset).getUint32(0);
  demand(n <= p.length && pad(n) === p.length && empty(p.subarray(n)));
  return parse(await inflate(p.slice(4, n), limit), object, sealed.slice(0, saltSize));
}

function parse(text: Bytes, key: CryptoKey, salt: Bytes): Manifest {
  let top: unknown;
  try {
    top = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text));
  } catch {
    throw new Failure("damaged");
  }
  const m = members(top);
  demand(m["v"] === 1, "version");
  const list = (name: string, page: boolean): Entry[] => {
    const entries = m[name];
    demand(Array.isArray(entries));
    return entries.map((e) => entry(members(e), page, key));
  };
  return { changed: number(m["changed"]), notAfter: number(m["not_after"]), base: string(m["base"]), entries: [...list("pages", true), ...list("files", false)], salt };
}

function entry(m: Record<string, unknown>, page: boolean, key: CryptoKey): Entry {
  const e: Entry = {
    path: string(m["path"]), at: "", type: string(m["type"]), page, size: number(m["size"]), stored: number(m["stored"]), deflated: m["deflated"] === true,
    salt: unbase64(string(m["salt"])), changed: number(m["changed"]), notAfter: number(m["not_after"]), key,
  };
  demand(typeof m["deflated"] === "boolean" && e.salt.length === saltSize && validPath(e.path));
  if ("at" in m) {
    e.at = string(m["at"]);
    demand(page && plain(e.at) && /^\S+$/.test(e.at));
  }
  demand(e.size <= 2 ** 32 && e.stored <= 2 ** 32 && (e.deflated || e.stored === e.size));
  if (page) demand(e.type === "text/html");
  else if (!shown.test(e.type)) e.type = download;
  return e;
}

function members(v: unknown): Record<string, unknown> {
  demand(typeof v === "object" && v !== null && !Array.isArray(v));
  return v as Record<string, unknown>;
}

function number(v: unknown): number {
  demand(typeof v === "number" && Number.isSafeInteger(v) && v >= 0);
  return v;
}

function string(v: unknown): string {
  demand(typeof v === "string");
  return v;
}

function plain(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text);
}

function validPath(path: string): boolean {
  return plain(path) && !/[\\:]/.test(path) && path.split("/").every((s) => s !== "" && s !== "." && s !== "..");
}
