// Content of entries: whole, or chunk by chunk for media.

import { base32, demand, empty, fields, join, same, spent, type Bytes } from "./bytes";
import { chunks, chunkSize, headSize, inflate, open, pad, saltSize, tagSize, type Chunks } from "./crypt";
import { Source, type Get } from "./fetch";
import type { Entry } from "./manifest";

const partChunks = 128;
const sealedSize = chunkSize + tagSize;

/** The sealed length of n bytes of plaintext. */
function sealedLength(n: number): number {
  return headSize + n + tagSize * (Math.floor(n / chunkSize) + 1);
}

/** Names and lengths of the files that hold an entry. */
function files(e: Entry): { name: string; size: number }[] {
  const name = "o/" + base32(e.salt.subarray(0, 16));
  const length = sealedLength(pad(e.stored));
  if (length <= 8_388_608) return [{ name, size: length }];
  const out: { name: string; size: number }[] = [];
  for (let left = length, head = headSize; left > 0; head = 0) {
    const size = Math.min(left, head + partChunks * sealedSize);
    out.push({ name: `${name}-${out.length}`, size });
    left -= size;
  }
  return out;
}

function context(did: Bytes): Bytes {
  return fields("object", did);
}

/** Content, all of which is checked before any is given out. */
export async function read(did: Bytes, e: Entry, get: Get): Promise<Bytes> {
  const parts = await Promise.all(files(e).map(async (f) => {
    const source = await Source.of(get, f.name);
    try {
      const data = await source.take(f.size);
      await source.end();
      return data;
    } finally {
      source.close();
    }
  }));
  const sealed = join(...parts);
  demand(same(sealed.subarray(0, saltSize), e.salt));
  const p = await open(e.key, context(did), sealed);
  demand(empty(p.subarray(e.stored)));
  // Filler goes first: browsers refuse to inflate what has bytes behind it.
  const stored = p.subarray(0, e.stored);
  const content = e.deflated ? await inflate(stored, e.size) : stored;
  demand(content.length === e.size);
  return content;
}

/** A medium's bytes from one place up to another, each chunk given out as soon
 * as it is checked. It fetches no file before the place but the head. */
export async function* stream(did: Bytes, e: Entry, get: Get, from = 0, to = e.size): AsyncGenerator<Bytes> {
  demand(!e.deflated && from <= to && to <= e.size);
  if (from === to) return;
  const list = files(e);
  const first = list.length > 1 ? Math.floor(from / chunkSize / partChunks) : 0;
  let open = first > 0 ? await head(did, e, get) : undefined;
  for (const [part, file] of list.entries()) {
    const start = part * partChunks;
    if (part < first || start * chunkSize >= to) continue;
    const source = await Source.of(get, file.name);
    try {
      if (part === 0) open = await begin(did, e, await source.take(headSize));
      demand(open !== undefined);
      yield* range(e, source, open, start, list.length > 1 ? start + partChunks : Infinity, from, to);
    } finally {
      source.close();
    }
  }
}

/** What of one file's chunks lies in a range. */
async function* range(e: Entry, source: Source, open: Chunks, first: number, last: number, from: number, to: number): AsyncGenerator<Bytes> {
  const padded = pad(e.stored);
  let i = first;
  for (; i < last && i * chunkSize < to; i++) {
    const start = i * chunkSize;
    const sealed = await source.take(Math.min(chunkSize, padded - start) + tagSize);
    const plain = start + chunkSize <= from ? undefined : await open(i, sealed);
    spent.of(sealed);
    if (!plain) continue; // before the range
    demand(empty(plain.subarray(Math.max(0, e.size - start))));
    yield plain.subarray(Math.max(0, from - start), Math.min(to - start, chunkSize));
  }
  if (i === last) await source.end();
}

async function begin(did: Bytes, e: Entry, data: Bytes): Promise<Chunks> {
  demand(same(data.subarray(0, saltSize), e.salt));
  return chunks(e.key, context(did), data.slice());
}

async function head(did: Bytes, e: Entry, get: Get): Promise<Chunks> {
  const source = await Source.of(get, files(e)[0]?.name ?? "");
  try {
    return await begin(did, e, await source.take(headSize));
  } finally {
    source.close();
  }
}
