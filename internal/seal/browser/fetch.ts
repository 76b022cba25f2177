// Files of the deal's folder, as they come from a host that is not trusted.

import { demand, join, type Bytes } from "./bytes";

/** Gets a file below the deal's folder, as fetch does. What it throws, when
 * there is no network, is passed on. */
export type Get = (name: string) => Promise<Response>;

/** The bytes of one file, in whatever pieces somebody wants them. */
export class Source {
  #ready: Bytes[] = [];
  #size = 0;
  private constructor(readonly reader: ReadableStreamDefaultReader<Bytes>) {}

  static async of(get: Get, name: string): Promise<Source> {
    const response = await get(name);
    demand(response.ok && response.body !== null, "missing");
    return new Source(response.body.getReader());
  }

  /** Up to n bytes: fewer only at the end of the file. */
  async upTo(n: number): Promise<Bytes> {
    while (this.#size < n) {
      const r = await this.reader.read();
      if (r.done) break;
      this.#ready.push(r.value);
      this.#size += r.value.length;
    }
    const all = this.#ready.length === 1 && this.#ready[0] ? this.#ready[0] : join(...this.#ready);
    const taken = all.subarray(0, n);
    this.#ready = [all.subarray(n)];
    this.#size = all.length - taken.length;
    return taken;
  }

  /** Exactly n bytes. */
  async take(n: number): Promise<Bytes> {
    const data = await this.upTo(n);
    demand(data.length === n);
    return data;
  }

  /** Demands that nothing follows. */
  async end(): Promise<void> {
    demand((await this.upTo(1)).length === 0);
  }

  close(): void {
    this.reader.cancel().catch(() => undefined); // the host may have ended it already
  }
}

/** A whole file of at most so many bytes. */
export async function whole(get: Get, name: string, most: number): Promise<Bytes> {
  const source = await Source.of(get, name);
  try {
    const data = await source.upTo(most);
    await source.end();
    return data;
  } finally {
    source.close();
  }
}
