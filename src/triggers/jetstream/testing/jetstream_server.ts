import type { UpstreamFilter } from "../watchlist.ts";

/** What a test has a repository say; the server adds its time. */
export type ScriptedFrame = Readonly<Record<string, unknown>> & { readonly did: string; readonly kind: string };

interface StoredFrame {
  readonly timeUs: number;
  readonly text: string;
  readonly did: string;
  readonly collection: string | undefined;
}

interface Subscriber {
  readonly socket: WebSocket;
  readonly cursorUs: number | undefined;
  filter: UpstreamFilter | undefined;
}

/**
 * A Jetstream server with its documented protocol (`requireHello`, `options_update`, an inclusive `cursor`, filters by
 * collection and repository), which says what a test has it say. The real one is in `tests/interop/jetstream_test.ts`.
 */
export class JetstreamServer implements AsyncDisposable {
  /** Filters in the order subscribers asked for them. */
  readonly filters: UpstreamFilter[] = [];
  /** Query strings of the connections, in order. */
  readonly queries: URLSearchParams[] = [];
  /** Messages sent to subscribers. */
  sent = 0;
  /** Refuses connections with this status. */
  refusal: number | undefined;
  readonly #frames: StoredFrame[] = [];
  readonly #subscribers = new Set<Subscriber>();
  readonly #skewUs: number;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #lastUs = 0;

  /** @param skewMs how far the server's clock is ahead */
  constructor({ skewMs = 0 }: { readonly skewMs?: number } = {}) {
    this.#skewUs = skewMs * 1_000;
    this.#server = this.#listen(0);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/subscribe`;
  }

  get connections(): number {
    return this.#subscribers.size;
  }

  /** Stores a frame and sends it to whoever wants it. */
  emit(frame: ScriptedFrame, timeUs = this.nowUs()): void {
    this.#lastUs = Math.max(this.#lastUs + 1, timeUs);
    const { did } = frame;
    const text = JSON.stringify({ ...frame, time_us: this.#lastUs });
    this.#keep({ timeUs: this.#lastUs, text, did, collection: collectionIn(frame) });
  }

  /** Stores a frame as another server sent it. */
  replay(text: string): void {
    const { time_us: timeUs, did, ...frame } = JSON.parse(text);
    this.#keep({ timeUs, text, did, collection: collectionIn(frame) });
  }

  /** Sends something to everyone, whatever it is. */
  say(data: string | Uint8Array<ArrayBuffer>): void {
    for (const { socket } of this.#subscribers) if (socket.readyState === WebSocket.OPEN) socket.send(data);
  }

  nowUs(): number {
    return Date.now() * 1_000 + this.#skewUs;
  }

  /** Closes all connections; new ones are welcome. */
  disconnect(): void {
    for (const { socket } of this.#subscribers) socket.close();
  }

  /** Goes away; what is emitted meanwhile is stored. */
  async stop(): Promise<void> {
    this.disconnect();
    await this.#server.shutdown();
  }

  /** Comes back at the same address. */
  start(): void {
    this.#server = this.#listen(this.#server.addr.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #keep(frame: StoredFrame): void {
    this.#frames.push(frame);
    for (const subscriber of this.#subscribers) this.#send(subscriber, frame);
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, (request) => this.#accept(request));
  }

  #accept(request: Request): Response {
    if (this.refusal !== undefined) return new Response("refused", { status: this.refusal });
    const query = new URL(request.url).searchParams;
    this.queries.push(query);
    const { socket, response } = Deno.upgradeWebSocket(request);
    const cursor = query.get("cursor");
    const subscriber: Subscriber = {
      socket,
      cursorUs: cursor === null ? undefined : Number(cursor),
      filter: query.get("requireHello") === "true" ? undefined : { wantedCollections: [], wantedDids: [] },
    };
    this.#subscribers.add(subscriber);
    socket.onmessage = ({ data }) => this.#hello(subscriber, String(data));
    socket.onclose = () => void this.#subscribers.delete(subscriber);
    socket.onerror = () => void this.#subscribers.delete(subscriber);
    return response;
  }

  #hello(subscriber: Subscriber, text: string): void {
    const { type, payload } = JSON.parse(text);
    if (type !== "options_update") return subscriber.socket.close(1008, "unknown message");
    const isFirst = subscriber.filter === undefined;
    subscriber.filter = payload;
    this.filters.push({ wantedCollections: payload.wantedCollections, wantedDids: payload.wantedDids });
    const { cursorUs } = subscriber;
    if (!isFirst || cursorUs === undefined) return;
    for (const frame of this.#frames) if (frame.timeUs >= cursorUs) this.#send(subscriber, frame);
  }

  #send({ socket, filter }: Subscriber, { text, did, collection }: StoredFrame): void {
    if (filter === undefined || socket.readyState !== WebSocket.OPEN) return;
    if (filter.wantedDids.length > 0 && !filter.wantedDids.includes(did)) return;
    if (collection !== undefined && filter.wantedCollections.length > 0) {
      const isWanted = filter.wantedCollections.some((wanted) =>
        wanted.endsWith(".*") ? collection.startsWith(wanted.slice(0, -1)) : wanted === collection
      );
      if (!isWanted) return;
    }
    this.sent++;
    socket.send(text);
  }
}

function collectionIn({ commit }: Readonly<Record<string, unknown>>): string | undefined {
  return (commit as { readonly collection?: string } | undefined)?.collection;
}
