// What is still to be sent. It is kept in memory alone, and sent again until it
// has arrived; nobody hears of it if it never does.

/** An event as the collector reads it. Its number is given when it is first
 * sent, and stays. */
interface Event {
  n?: number;
  readonly k: string;
  readonly x: string | undefined;
  readonly ms: number | undefined;
  readonly p: number | undefined;
  readonly at: number;
}

export interface Outbox {
  /** Adds an event. What is counted takes the place of what was counted before. */
  tell(kind: string, target?: string, ms?: number, progress?: number): void;
  /** Sends what there is, unless the collector needs a rest: the last words are
   * sent all the same. */
  send(last?: boolean): void;
}

const perRequest = 64;
const firstRest = 15_000, longestRest = 600_000;

export function outbox(to: string, capability: Uint8Array): Outbox {
  const t = btoa(String.fromCharCode(...capability)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const s = session();
  let kept: Event[] = [], numbers = 0, failures = 0, rest = 0, refused = false;

  return {
    tell(k, x, ms, p) {
      if (ms !== undefined) kept = kept.filter((e) => e.k !== k || e.x !== x);
      kept.push({ k, x, ms, p, at: performance.now() });
    },
    send(last) {
      const now = performance.now();
      if (refused || kept.length === 0 || now < rest && !last) return;
      const sent = kept.splice(0, perRequest);
      const e = sent.map(({ at, ...event }, i) => ({ ...event, n: sent[i]!.n ??= numbers++, dt: Math.round(now - at) }));
      fetch(to + "/v1/receipts", {
        // A page that is left still sends it. A type of its own would be asked for first.
        method: "POST", keepalive: true, credentials: "omit",
        body: JSON.stringify({ v: 1, t, s, d: device(), w: navigator.webdriver ? 1 : undefined, e }),
      }).then(({ status }) => {
        if (status === 429 || status > 499) throw status;
        failures = 0;
        refused = status === 401 || status === 403; // whoever was taken out is not asked again
      }).catch(() => {
        kept.unshift(...sent);
        rest = performance.now() + Math.min(firstRest * 2 ** failures++, longestRest) * (1 + Math.random()) / 2;
      });
    },
  };
}

/** A UUID of version 7. */
function session(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

function device(): string {
  if (matchMedia("(pointer: fine)").matches) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}
