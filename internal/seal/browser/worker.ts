// The worker of a deal's folder, sw.js: it gives out films as the browser plays
// them, range by range, decrypted. It answers nothing else, no page least of
// all, and keeps nothing but the keys that a page has handed to it, in memory.
import type { Film } from "./opened";
import { spent, stream, type Bytes } from "./reader";

/** What the types of a page's scripts do not know of a worker. */
interface Worker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { claim(): Promise<void>; get(id: string): Promise<{ postMessage(message: unknown, transfer: Transferable[]): void } | undefined> };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, act: (event: WorkerEvent) => void): void;
}

interface WorkerEvent extends MessageEvent<unknown> {
  readonly request: Request;
  readonly clientId: string;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const worker = globalThis as unknown as Worker;
const films = new Map<string, Film>();

// A film would leave more behind than its page has before a browser looks for
// what nobody needs. What is handed over to nobody is gone at once, from those
// parts of the browser too that have read it or written it.
const { port1: away, port2: nobody } = new MessageChannel();
nobody.close();
spent.of = ({ buffer }) => away.postMessage(null, [buffer]);

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  if (event.data === "claim") event.waitUntil(worker.clients.claim());
  if (event.data === "forget") films.clear();
});
worker.addEventListener("fetch", (event) => {
  const { url, method, destination } = event.request;
  const place = worker.registration.scope + "m/";
  if (method !== "GET" || !url.startsWith(place) || !/^(video|audio)$/.test(destination)) return;
  event.respondWith(answer(event, url.slice(place.length)));
});

async function answer(event: WorkerEvent, token: string): Promise<Response> {
  const film = films.get(token) ?? await ask(event.clientId, token);
  if (!film) return new Response(null, { status: 404 });
  films.set(token, film);
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(event.request.headers.get("Range") ?? "") ?? [];
  const { size, type } = film.entry;
  const from = Number(first ?? 0), to = Math.min(last ? Number(last) + 1 : size, size);
  const headers = new Headers({ "Accept-Ranges": "bytes", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
  if (from >= to) {
    headers.set("Content-Range", `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("Content-Type", type);
  headers.set("Content-Length", String(to - from));
  if (first !== undefined) headers.set("Content-Range", `bytes ${from}-${to - 1}/${size}`);
  return new Response(body(film, from, to), { status: first === undefined ? 200 : 206, headers });
}

/** Asks the page that wants a film for its key. */
async function ask(page: string, token: string): Promise<Film | undefined> {
  const client = await worker.clients.get(page);
  if (!client) return undefined;
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise<Film | undefined>((resolve) => {
    port1.onmessage = (event: MessageEvent<Film>) => resolve(event.data);
    setTimeout(() => resolve(undefined), 10_000);
  });
  client.postMessage(token, [port2]);
  return answered;
}

/** A range of a film, no faster than it is played. */
function body(film: Film, from: number, to: number): ReadableStream<Uint8Array> {
  const pieces = stream(film.did, film.entry, get, from, to);
  let gone = false; // perhaps while a piece is on its way
  let given: Bytes | undefined;
  return new ReadableStream({
    async pull(out) {
      if (given) spent.of(given); // who asks for the next has had it
      const { value, done } = await pieces.next();
      if (gone) return;
      given = value;
      if (done) out.close();
      else out.enqueue(value);
    },
    async cancel() {
      gone = true;
      await pieces.return(undefined);
    },
  }, { highWaterMark: 0 });
}

function get(name: string): Promise<Response> {
  return fetch(new URL(name, worker.registration.scope));
}
