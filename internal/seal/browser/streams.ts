// Films too large for memory: a worker in the deal's folder decrypts them piece
// by piece. It gets a film's key by a message, when the browser asks it for
// the film, and keeps it in memory alone; where it was stopped in between it
// asks again.
import type { Deal, Film } from "./opened";
import type { Entry } from "./reader";
import { deal as folder, script } from "./trust";

/** How long a worker may take to answer before films are decrypted whole. */
const patience = 3000;

export class Streams {
  readonly #films = new Map<string, Film>();
  #ready: Promise<boolean> | undefined;

  constructor(private readonly deal: Deal) {}

  /** Where the worker gives out a film, or nothing where browsers have no workers. */
  async url(entry: Entry): Promise<string | undefined> {
    if (!await (this.#ready ??= this.#start())) return undefined;
    const token = crypto.randomUUID();
    this.#films.set(token, { did: this.deal.did, entry });
    return folder.href + "m/" + token;
  }

  async #start(): Promise<boolean> {
    const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!workers) return false;
    workers.addEventListener("message", (event: MessageEvent<unknown>) => {
      const port = event.ports[0];
      const film = this.#films.get(String(event.data));
      if (port && film) port.postMessage(film);
    });
    workers.startMessages();
    try {
      // The worker is the deal's own: its scope is its folder.
      await workers.register(script(folder.href + "sw.js"), { updateViaCache: "none" });
      const { active } = await workers.ready;
      return await new Promise((resolve) => {
        const taken = (): void => { if (workers.controller) resolve(true); };
        workers.addEventListener("controllerchange", taken);
        active?.postMessage("claim"); // a page that was loaded past its worker
        taken();
        setTimeout(() => resolve(false), patience);
      });
    } catch {
      return false; // in a private window, or an app's own
    }
  }
}

/** Makes the worker forget what it has, and go. */
export async function dismiss(): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration(folder.href);
  worker?.active?.postMessage("forget");
  await worker?.unregister();
}
