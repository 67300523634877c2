import type { Context } from "@/context/mod.ts";
import { WavsError } from "@/domain/errors.ts";
import {
  MAX_REQUESTS_IN_FLIGHT,
  MAX_RPC_ANSWER_BYTES,
  RPC_REQUEST_TIMEOUT_MS,
  WS_CLOSE_TIMEOUT_MS,
  WS_CONNECT_TIMEOUT_MS,
  WS_HEARTBEAT_INTERVAL_MS,
  WS_HEARTBEAT_TIMEOUT_MS,
} from "../limits.ts";
import { withDeadline } from "./deadline.ts";
import { aborted, answerTooLarge, endpointLabel, timedOut, unreachable } from "./errors.ts";
import { decodeMessage, encodeRequest, type RpcMessage } from "./json_rpc.ts";
import type { RpcRequester, RpcRequestOptions } from "./types.ts";

/** Told of everything the endpoint sends unasked, in order; it may come before the answer to the subscription. */
export type NotificationListener = (subscription: string, result: unknown) => void;

export interface WsModules {
  readonly context: Context;
  readonly onNotification?: NotificationListener;
}

/** An open WebSocket. It answers until it has `ended`; it never comes back. */
export interface WsConnection extends RpcRequester, AsyncDisposable {
  readonly url: string;
  /** Resolves with the reason once the connection is over, for whatever reason. */
  readonly ended: Promise<WavsError>;
  requestsInFlight(): number;
}

/**
 * Opens a WebSocket and watches over it: a heartbeat with a deadline notices an endpoint that is gone without a word.
 *
 * @throws WavsError `rpc_unreachable`, `rpc_timeout`, `rpc_aborted`
 */
export async function openWsConnection(url: string, modules: WsModules, signal?: AbortSignal): Promise<WsConnection> {
  const connection = new Connection(url, modules);
  try {
    await withDeadline({
      clock: modules.context.clock,
      timeoutMs: WS_CONNECT_TIMEOUT_MS,
      signal,
      onTimeout: () => timedOut(url, "connect", WS_CONNECT_TIMEOUT_MS),
      onAbort: () => aborted("connect"),
    }, () => connection.opened);
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
  connection.startHeartbeat();
  return connection;
}

interface PendingRequest {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: WavsError) => void;
}

class Connection implements WsConnection {
  readonly url: string;
  readonly opened: Promise<void>;
  readonly ended: Promise<WavsError>;
  readonly #context: Context;
  readonly #onNotification: NotificationListener;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, PendingRequest>();
  readonly #over = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #end: (reason: WavsError) => void = () => {};
  #nextId = 1;

  constructor(url: string, modules: WsModules) {
    this.url = url;
    this.#context = modules.context;
    this.#onNotification = modules.onNotification ?? (() => {});
    this.#socket = newSocket(url);
    const ended = Promise.withResolvers<WavsError>();
    this.ended = ended.promise;
    this.#end = (reason) => {
      ended.resolve(reason);
      this.#abandon(reason);
    };
    this.opened = new Promise((resolve, reject) => {
      this.#socket.onopen = () => resolve();
      void this.ended.then(reject);
    });
    this.opened.catch(() => {});
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onerror = (event) => {
      const reason = event instanceof ErrorEvent && event.message !== "" ? event.message : "the connection failed";
      this.#end(unreachable(url, reason));
    };
    this.#socket.onclose = (event) => {
      this.#closed.resolve();
      this.#end(unreachable(url, `it closed the connection (code ${event.code})`));
    };
  }

  requestsInFlight(): number {
    return this.#pending.size;
  }

  async request(method: string, params: readonly unknown[], options: RpcRequestOptions = {}): Promise<unknown> {
    if (this.#over.signal.aborted) throw await this.ended;
    if (this.#pending.size >= MAX_REQUESTS_IN_FLIGHT) throw overloaded(this.url);
    const id = this.#nextId++;
    const timeoutMs = options.timeoutMs ?? RPC_REQUEST_TIMEOUT_MS;
    try {
      return await withDeadline({
        clock: this.#context.clock,
        timeoutMs,
        signal: options.signal,
        onTimeout: () => timedOut(this.url, method, timeoutMs),
        onAbort: () => aborted(method),
      }, () => this.#exchange(id, encodeRequest(id, method, params)));
    } finally {
      this.#pending.delete(id);
    }
  }

  startHeartbeat(): void {
    void this.#beat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(unreachable(this.url, "the connection was closed on purpose"));
    const waiting = new AbortController();
    await Promise.race([this.#closed.promise, this.#context.clock.sleep(WS_CLOSE_TIMEOUT_MS, waiting.signal)]);
    waiting.abort();
  }

  #exchange(id: number, text: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#socket.send(text);
    });
  }

  #receive(data: unknown): void {
    if (typeof data !== "string") return this.#end(unreachable(this.url, "it sent something else than text"));
    // UTF-16 units are at most as many as bytes; the platform itself stops at 64 MiB.
    if (data.length > MAX_RPC_ANSWER_BYTES) return this.#dropLargeAnswer();
    let message: RpcMessage;
    try {
      message = decodeMessage(data);
    } catch (error) {
      return this.#end(error as WavsError);
    }
    this.#dispatch(message);
  }

  #dispatch(message: RpcMessage): void {
    switch (message.kind) {
      case "result":
        this.#pending.get(message.id)?.resolve(message.result);
        return;
      case "refusal":
        if (message.id !== undefined) this.#pending.get(message.id)?.reject(message.error);
        else this.#end(message.error);
        return;
      case "notification":
        this.#onNotification(message.subscription, message.result);
        return;
    }
  }

  /** Which request it belongs to cannot be told without reading it, so all under way fail. */
  #dropLargeAnswer(): void {
    const error = answerTooLarge(this.url, MAX_RPC_ANSWER_BYTES);
    for (const request of this.#pending.values()) request.reject(error);
  }

  async #beat(): Promise<void> {
    const { clock } = this.#context;
    while (!this.#over.signal.aborted) {
      await clock.sleep(WS_HEARTBEAT_INTERVAL_MS, this.#over.signal);
      if (this.#over.signal.aborted) return;
      try {
        await this.request("eth_blockNumber", [], { timeoutMs: WS_HEARTBEAT_TIMEOUT_MS });
      } catch (error) {
        // A refusal is an answer: the endpoint is there.
        if (error instanceof WavsError && error.code === "rpc_timeout") this.#end(error);
      }
    }
  }

  #abandon(reason: WavsError): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    for (const request of this.#pending.values()) request.reject(reason);
    this.#pending.clear();
    this.#socket.close();
  }
}

function newSocket(url: string): WebSocket {
  try {
    return new WebSocket(url);
  } catch (cause) {
    throw unreachable(url, "it is no WebSocket URL", cause);
  }
}

function overloaded(url: string): WavsError {
  return new WavsError("rpc_overloaded", {
    message: `Cannot ask "${endpointLabel(url)}" because ${MAX_REQUESTS_IN_FLIGHT} requests are under way already`,
    retryable: true,
  });
}
