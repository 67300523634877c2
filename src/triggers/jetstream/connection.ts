import { endpointLabel } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { WavsError } from "@/domain/errors.ts";
import { CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS } from "./limits.ts";
import type { UpstreamFilter } from "./watchlist.ts";

export interface ConnectionOptions {
  readonly endpoint: string;
  /** Where to go on, in microseconds of the server's time. */
  readonly cursorUs: bigint;
  /** Bytes of the longest message to be sent; 0 for any. */
  readonly maxMessageBytes: number;
  readonly filter: UpstreamFilter;
  readonly onText: (text: string) => void;
}

/** One connection to a Jetstream server, until it `ended`. */
export interface JetstreamConnection extends AsyncDisposable {
  /** Resolves with the reason once it is over, for whatever reason. */
  readonly ended: Promise<WavsError>;
  /** Begins to close; disposing waits for it. */
  close(): void;
}

/**
 * Connects and asks for what `filter` lets through.
 *
 * The filter goes over the connection rather than into its URL, where 10,000 repositories would not fit; until the
 * server has it, it sends nothing.
 *
 * @throws WavsError `jetstream_unreachable`
 */
export async function openJetstream(
  options: ConnectionOptions,
  { context, signal }: { readonly context: Context; readonly signal: AbortSignal },
): Promise<JetstreamConnection> {
  const connection = new Connection(options, context);
  const over = new AbortController();
  const deadline = context.clock.sleep(CONNECT_TIMEOUT_MS, AbortSignal.any([signal, over.signal]));
  const failure = await Promise.race([
    connection.opened.then(() => undefined),
    connection.ended,
    deadline.then(() => unreachable(options.endpoint, `it did not answer within ${CONNECT_TIMEOUT_MS} ms`)),
  ]);
  over.abort();
  if (failure === undefined) {
    connection.hello();
    return connection;
  }
  await connection[Symbol.asyncDispose]();
  throw failure;
}

class Connection implements JetstreamConnection {
  readonly opened: Promise<void>;
  readonly ended: Promise<WavsError>;
  readonly #context: Context;
  readonly #endpoint: string;
  readonly #maxMessageBytes: number;
  readonly #filter: UpstreamFilter;
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<void>();
  #end: (reason: WavsError) => void;
  #isOver = false;

  constructor({ endpoint, cursorUs, maxMessageBytes, filter, onText }: ConnectionOptions, context: Context) {
    this.#context = context;
    this.#endpoint = endpoint;
    this.#maxMessageBytes = maxMessageBytes;
    this.#filter = filter;
    this.#socket = openSocket(endpoint, { cursorUs, maxMessageBytes });
    const opened = Promise.withResolvers<void>();
    this.opened = opened.promise;
    const ended = Promise.withResolvers<WavsError>();
    this.ended = ended.promise;
    this.#end = (reason) => {
      this.#isOver = true;
      ended.resolve(reason);
      this.#socket.close();
    };
    this.#socket.onopen = () => opened.resolve();
    this.#socket.onmessage = ({ data }) => {
      if (this.#isOver) return;
      if (typeof data === "string") onText(data);
      else this.#end(unreachable(endpoint, "it sent something else than text"));
    };
    this.#socket.onerror = (event) => {
      const reason = event instanceof ErrorEvent && event.message !== "" ? event.message : "the connection failed";
      this.#end(unreachable(endpoint, reason));
    };
    this.#socket.onclose = ({ code, reason }) => {
      this.#closed.resolve();
      this.#end(unreachable(endpoint, `it closed the connection (code ${code}${reason === "" ? "" : `, ${reason}`})`));
    };
  }

  /** Asks for what is wanted. */
  hello(): void {
    // What was closed meanwhile has `ended`.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const payload = { ...this.#filter, maxMessageSizeBytes: this.#maxMessageBytes };
    this.#socket.send(JSON.stringify({ type: "options_update", payload }));
  }

  close(): void {
    this.#end(unreachable(this.#endpoint, "the connection was closed on purpose"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    const waiting = new AbortController();
    await Promise.race([this.#closed.promise, this.#context.clock.sleep(CLOSE_TIMEOUT_MS, waiting.signal)]);
    waiting.abort();
  }
}

function openSocket(
  endpoint: string,
  { cursorUs, maxMessageBytes }: { cursorUs: bigint; maxMessageBytes: number },
): WebSocket {
  try {
    const url = new URL(endpoint);
    url.searchParams.set("requireHello", "true");
    url.searchParams.set("cursor", String(cursorUs));
    if (maxMessageBytes > 0) url.searchParams.set("maxMessageSizeBytes", String(maxMessageBytes));
    return new WebSocket(url);
  } catch (cause) {
    throw unreachable(endpoint, "it is no WebSocket URL", cause);
  }
}

export function unreachable(endpoint: string, reason: string, cause?: unknown): WavsError {
  return new WavsError("jetstream_unreachable", {
    message: `Cannot read events from "${endpointLabel(endpoint)}" because ${reason}`,
    retryable: true,
    cause,
  });
}
