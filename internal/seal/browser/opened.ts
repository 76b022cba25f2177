// What the plan asks of an opened deal, so that its script needs nothing of the
// reader's and can be fetched while somebody types.
import type { Bytes, Code, Entry } from "./reader";

export interface Deal {
  readonly did: Bytes;
  readonly entries: readonly Entry[];
  /** What its reader's page reports with; empty where it does not. */
  readonly cap: Bytes;
  /** The content of an entry, once all of it is checked. */
  read(entry: Entry): Promise<Bytes>;
}

/** What a worker needs to give out a film. Keys cannot be read out of it. */
export interface Film {
  readonly did: Bytes;
  readonly entry: Entry;
}

/** An error as the reader throws them. */
export function because(code: Code): Error & { code: Code } {
  return Object.assign(new Error(code), { code });
}
