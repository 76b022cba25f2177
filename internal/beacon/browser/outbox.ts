// What is still to be sent. It is kept in memory alone, and sent again until it
// has arrived; nobody hears of it if it never does.

/** An event, and what it is sent with. */
interface Waiting {
  /** As the collector reads it, but for how long ago it was. */
  readonly event: object;
  /** The kind and, behind a blank, what it is about. */
  readonly mark: string;
  readonly at: number;
}

export interface Outbox {
  /** Adds an event. What is counted takes the place of what was counted before. */
  tell(mark: string, ms?: number, progress?: number): void;
  /** Sends what there is, unless the collector needs a rest: the last words are
   * sent all the same. */
  send(last?: boolean): void;
}

/** The most that a request may hold. */
const enum Most { Events = 64 }
/** Milliseconds, at the least; each further one is twice as long, up to 16 minutes. */
const enum Rest { First = 7500 }

export function outbox(to: string, capability: string): Outbox {
  const s = session();
  let kept: Waiting[] = [], numbers = 0, failures = 0, rest = 0, refused = false;

  return {
    tell(mark, ms, p) {
      if (ms !== undefined) kept = kept.filter((e) => e.mark !== mark);
      const [k, x] = mark.split(" ");
      kept.push({ event: { n: numbers++, k, x, ms, p }, mark, at: performance.now() });
    },
    send(last) {
      const now = performance.now();
      if (refused || !kept[0] || now < rest && !last) return;
      const sent = kept.splice(0, Most.Events);
      const e = sent.map(({ event, at }) => ({ ...event, dt: now - at | 0 }));
      fetch(to, {
        // A page that is left still sends it. A type of its own would be asked for first.
        method: "POST", keepalive: true, credentials: "omit",
        body: JSON.stringify({ v: 1, t: capability, s, d: device(), w: +navigator.webdriver, e }),
      }).then(({ status }) => {
        if (status > 428) throw status; // it may be taken at another time
        failures = 0;
        refused = status === 401 || status === 403; // whoever was taken out is not asked again
      }).catch(() => {
        kept.unshift(...sent);
        // Not all pages at once, when it is there again.
        rest = performance.now() + Rest.First * 2 ** Math.min(failures++, 6) * (1 + Math.random());
      });
    },
  };
}

/** A UUID of version 7. The time has eleven digits until the year 2527. */
function session(): string {
  return ("0" + Date.now().toString(16)).replace(/.{8}/, "$&-") + "-7" + crypto.randomUUID().slice(15);
}

function device(): string {
  if (matchMedia("(pointer: fine)").matches) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}
