// What a device remembers of a deal, if its reader wants it: the key that
// finds a slot, which no script can read, and nothing of what the slot holds.
// So a viewer who was taken out is out at the next visit.

/** One remembered way in. */
export interface Device {
  readonly root: CryptoKey;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** The newest state of the deal that was seen, in seconds. */
  readonly changed: number;
}

const table = "devices";

/** Browsers may keep nothing, forbid it, or never answer: then nothing is remembered. */
async function on<T>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const db = await done(Object.assign(indexedDB.open("portico", 1), {
      onupgradeneeded(this: IDBOpenDBRequest) { this.result.createObjectStore(table); },
    }));
    try {
      return await done(act(db.transaction(table, mode).objectStore(table)));
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
    setTimeout(reject, 2e3);
  });
}

/** What is remembered of the deal at a path, unless its time is over. */
export async function recall(path: string): Promise<Device | undefined> {
  const kept = await on<Device | undefined>("readonly", (t) => t.get(path));
  if (kept && kept.until > Date.now()) return kept;
  if (kept) await forget(path);
  return undefined;
}

export async function keep(path: string, device: Device): Promise<void> {
  await on("readwrite", (t) => t.put(device, path));
}

export async function forget(path: string): Promise<void> {
  await on("readwrite", (t) => t.delete(path));
}
