import {
  type BlockHeader,
  createHttpEndpoint,
  endpointLabel,
  isWsUrl,
  openWsConnection,
  parseHeader,
  type RpcRequester,
  type WsConnection,
} from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import type { StreamInfo } from "../types.ts";
import { inconsistent } from "./chain_reader.ts";
import { POLL_INTERVAL_MS, SILENCE_POLL_MS } from "./limits.ts";
import { logFilterParams } from "./log_query.ts";
import { type Tick, Ticker } from "./ticker.ts";
import type { LogFilter } from "./watchlist.ts";

/** A connection to one endpoint that tells when there may be something new. What is new is asked for separately. */
export interface Session extends AsyncDisposable {
  readonly url: string;
  readonly requester: RpcRequester;
  /** Has logs announced from now on, in place of those of the filter before. */
  subscribeLogs(filter: LogFilter): Promise<void>;
  /** @throws WavsError why the connection is over */
  nextTick(signal: AbortSignal): Promise<Tick>;
  /** Has `nextTick` answer "look", although nothing was announced. */
  look(): void;
  /** Has `nextTick` answer "leave". */
  leave(): void;
  isBusy(): boolean;
  subscriptions(): StreamInfo["subscriptions"];
}

/** Connects to an endpoint; over a WebSocket, heads are subscribed to when this resolves. */
export async function openSession(url: string, context: Context, signal: AbortSignal): Promise<Session> {
  if (!isWsUrl(url)) return new PollingSession(url, context);
  const ticker = new Ticker();
  const onNotification = (_subscription: string, result: unknown) => ticker.look(headerIn(result));
  const connection = await openWsConnection(url, { context, onNotification }, signal);
  void connection.ended.then((reason) => ticker.fail(reason));
  const session = new SubscribedSession(connection, ticker, context);
  try {
    await session.subscribeHeads();
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
  return session;
}

/** What was announced is only a hint: a log or a damaged header means "look" as well. */
function headerIn(result: unknown): BlockHeader | undefined {
  try {
    return parseHeader(result);
  } catch (error) {
    if (isWavsError(error, "rpc_invalid_answer")) return undefined;
    throw error;
  }
}

class SubscribedSession implements Session {
  readonly url: string;
  readonly requester: RpcRequester;
  readonly #connection: WsConnection;
  readonly #ticker: Ticker;
  readonly #context: Context;
  #patienceMs = SILENCE_POLL_MS;
  #heads: string | undefined;
  #logs: { readonly id: string; readonly filter: LogFilter } | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(connection: WsConnection, ticker: Ticker, context: Context) {
    this.url = connection.url;
    this.requester = connection;
    this.#connection = connection;
    this.#ticker = ticker;
    this.#context = context;
  }

  async subscribeHeads(): Promise<void> {
    this.#heads = await this.#subscribe(["newHeads"]);
    if (this.#heads === undefined) this.#patienceMs = POLL_INTERVAL_MS;
  }

  /** One change after the other: the filter asked for last is the one that stays. */
  subscribeLogs(filter: LogFilter): Promise<void> {
    const change = this.#changing.then(() => this.#replaceLogs(filter));
    this.#changing = change.catch(() => {});
    return change;
  }

  nextTick(signal: AbortSignal): Promise<Tick> {
    return this.#ticker.next(this.#context.clock, this.#patienceMs, signal);
  }

  look(): void {
    this.#ticker.look(undefined);
  }

  leave(): void {
    this.#ticker.leave();
  }

  isBusy(): boolean {
    return this.#connection.requestsInFlight() > 0;
  }

  subscriptions(): StreamInfo["subscriptions"] {
    return [
      ...(this.#heads === undefined ? [] : [{ id: this.#heads, kind: "newHeads" } as const]),
      ...(this.#logs === undefined ? [] : [{ id: this.#logs.id, kind: "logs", ...this.#logs.filter } as const]),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  /** The new subscription comes first: announcements may repeat themselves, but not pause. */
  async #replaceLogs(filter: LogFilter): Promise<void> {
    const old = this.#logs;
    if (old !== undefined && isSame(old.filter, filter)) return;
    // An empty filter would mean all logs of the chain.
    const isEmpty = filter.addresses.length === 0;
    const id = isEmpty ? undefined : await this.#subscribe(["logs", logFilterParams(filter)]);
    this.#logs = id === undefined ? undefined : { id, filter };
    if (old !== undefined) await this.#unsubscribe(old.id);
  }

  /** `undefined` when the provider refuses, for example a filter that is too large: logs are found without, only later. */
  async #subscribe(params: readonly unknown[]): Promise<string | undefined> {
    let id: unknown;
    try {
      id = await this.requester.request("eth_subscribe", params);
    } catch (error) {
      if (!isWavsError(error, "rpc_error")) throw error;
      this.#context.log.warn("Subscription refused, asking for news regularly instead", {
        endpoint: endpointLabel(this.url),
        subscription: String(params[0]),
        error: error.message,
      });
      return undefined;
    }
    if (typeof id !== "string") throw inconsistent("it did not answer a subscription with its id");
    return id;
  }

  async #unsubscribe(id: string): Promise<void> {
    try {
      await this.requester.request("eth_unsubscribe", [id]);
    } catch (error) {
      // What it goes on announcing costs a look each time, no more.
      if (!isWavsError(error, "rpc_error")) throw error;
    }
  }
}

class PollingSession implements Session {
  readonly url: string;
  readonly requester: RpcRequester;
  readonly #ticker = new Ticker();
  readonly #context: Context;
  #inFlight = 0;

  constructor(url: string, context: Context) {
    this.url = url;
    this.#context = context;
    const http = createHttpEndpoint(url, context);
    this.requester = {
      request: async (...call) => {
        this.#inFlight++;
        try {
          return await http.request(...call);
        } finally {
          this.#inFlight--;
        }
      },
    };
    context.log.info("Following a chain by polling", { endpoint: endpointLabel(url) });
  }

  async subscribeLogs(): Promise<void> {}

  nextTick(signal: AbortSignal): Promise<Tick> {
    return this.#ticker.next(this.#context.clock, POLL_INTERVAL_MS, signal);
  }

  look(): void {
    this.#ticker.look(undefined);
  }

  leave(): void {
    this.#ticker.leave();
  }

  isBusy(): boolean {
    return this.#inFlight > 0;
  }

  subscriptions(): StreamInfo["subscriptions"] {
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Filters are sorted, so the same ones look the same. */
function isSame(left: LogFilter, right: LogFilter): boolean {
  return String(left.addresses) === String(right.addresses) && String(left.topics) === String(right.topics);
}
