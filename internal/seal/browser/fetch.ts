// Files of the deal's folder, as they come from a host that is not trusted.

import { demand, gather, spent, type Bytes } from "./bytes";

/** Gets a file below the deal's folder, as fetch does. What it throws, when
 * there is no network, is passed on. */
export type Get = (name: string) => Promise<Response>;

async function body(get: Get, name: string): Promise<ReadableStream<Bytes>> {
  const response = await get(name);
  demand(response.ok && response.body !== null, "missing");
  return response.body;
}

/** The bytes of one file, in whatever pieces somebody wants them. */
export class Source {
  /** What came and has not been taken. */
  #rest: Bytes = new Uint8Array();
  private constructor(readonly reader: ReadableStreamDefaultReader<Bytes>) {}

  static async of(get: Get, name: string): Promise<Source> {
    return new Source((await body(get, name)).getReader());
  }

  /** Fills a place with what comes next, or as much of it as there is. */
  async #fill(place: Bytes): Promise<number> {
    let n = 0;
    while (n < place.length) {
      if (this.#rest.length === 0) {
        const { value } = await this.reader.read();
        if (!value) break;
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, place.length - n);
      place.set(part, n);
      n += part.length;
      this.#rest = this.#rest.subarray(part.length);
      if (this.#rest.length === 0) spent.of(part);
    }
    return n;
  }

  /** Exactly n bytes. */
  async take(n: number): Promise<Bytes> {
    const data = new Uint8Array(n);
    demand(await this.#fill(data) === n);
    return data;
  }

  /** Demands that nothing follows. */
  async end(): Promise<void> {
    demand(await this.#fill(new Uint8Array(1)) === 0);
  }

  close(): void {
    this.reader.cancel().catch(() => undefined); // the host may have ended it already
  }
}

/** A whole file of at most so many bytes. */
export async function whole(get: Get, name: string, most: number): Promise<Bytes> {
  return gather(await body(get, name), most);
}
