import type { Context } from "@/context/mod.ts";
import { RPC_REQUEST_TIMEOUT_MS } from "../limits.ts";
import { withDeadline } from "./deadline.ts";
import { aborted, timedOut } from "./errors.ts";
import type { RpcRequester, RpcRequestOptions } from "./types.ts";
import { openWsConnection, type WsConnection } from "./ws_connection.ts";

/** Requests over a WebSocket that is opened with the first one, and again with the first one after it ended. */
export function createLazyWsEndpoint(url: string, context: Context): RpcRequester & AsyncDisposable {
  return new LazyWsEndpoint(url, context);
}

class LazyWsEndpoint implements RpcRequester, AsyncDisposable {
  readonly #url: string;
  readonly #context: Context;
  readonly #closing = new AbortController();
  #connection: Promise<WsConnection> | undefined;

  constructor(url: string, context: Context) {
    this.#url = url;
    this.#context = context;
  }

  request(method: string, params: readonly unknown[], options: RpcRequestOptions = {}): Promise<unknown> {
    const timeoutMs = options.timeoutMs ?? RPC_REQUEST_TIMEOUT_MS;
    return withDeadline({
      clock: this.#context.clock,
      timeoutMs,
      signal: options.signal,
      onTimeout: () => timedOut(this.#url, method, timeoutMs),
      onAbort: () => aborted(method),
    }, async (signal) => {
      const connection = await this.#connect();
      return await connection.request(method, params, { signal, timeoutMs });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
  }

  /** Several callers share one attempt, so no single caller's signal ends it. */
  #connect(): Promise<WsConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<WsConnection> {
    try {
      const connection = await openWsConnection(this.#url, { context: this.#context }, this.#closing.signal);
      void connection.ended.then(() => this.#connection = undefined);
      return connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }
}
