import { type Bytes32, bytesToHex, type EvmAddress, parseBytes32 } from "@/domain/mod.ts";

/** A log to be mined: the chain adds where it stands. */
export interface ScriptedLog {
  readonly address: EvmAddress;
  readonly topics: readonly Bytes32[];
  readonly data?: string;
}

/** What a request is answered with: a result, a refusal, raw text, or nothing at all. */
export type ScriptedAnswer =
  | { readonly result: unknown }
  | { readonly error: unknown }
  | { readonly raw: string }
  | { readonly silence: true };

/** Looks at every request first; `undefined` lets the chain answer truthfully. */
export type Interceptor = (method: string, params: readonly unknown[]) => ScriptedAnswer | undefined;

/** How far below the head the block lies that this chain calls safe. */
export const SAFE_DEPTH = 5;
const GENESIS_SECONDS = 1_700_000_000;
const BLOCK_SECONDS = 12;

interface Block {
  readonly number: string;
  readonly hash: Bytes32;
  readonly parentHash: Bytes32;
  readonly timestamp: string;
  readonly logs: readonly Record<string, unknown>[];
}

export interface ScriptedChainOptions {
  readonly chainId?: number;
  readonly port?: number;
}

/** A chain of invented blocks behind a real JSON-RPC server, HTTP and WebSocket on one port, that can be told to lie. */
export class ScriptedChain implements AsyncDisposable {
  intercept: Interceptor | undefined;
  /** Every request so far, for counting. */
  readonly requests: { readonly method: string; readonly params: readonly unknown[] }[] = [];
  readonly #chainId: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #sockets = new Map<WebSocket, Map<string, unknown>>();
  #blocks: Block[] = [];
  #hashes = 0;
  #subscriptions = 0;

  constructor(options: ScriptedChainOptions = {}) {
    this.#chainId = options.chainId ?? 31_337;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} },
      (request) => request.headers.get("upgrade") === "websocket" ? this.#upgrade(request) : this.#post(request),
    );
    this.mine();
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get head(): bigint {
    return BigInt(this.#blocks.length - 1);
  }

  /** What is in the chain now: block hash and log index of every log, in order. */
  get logs(): readonly { readonly blockHash: Bytes32; readonly logIndex: number }[] {
    return this.#blocks.flatMap(({ hash, logs }) => logs.map((_, logIndex) => ({ blockHash: hash, logIndex })));
  }

  /** The head as `newHeads` announces it. */
  get header(): Record<string, unknown> {
    const { logs: _, ...header } = this.#blocks.at(-1) ?? {};
    return header;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Mines one block and announces it and its logs. */
  mine(logs: readonly ScriptedLog[] = []): void {
    this.mineSilently(logs);
    this.announceHead();
  }

  /** Mines blocks that nobody is told of. */
  mineSilently(logs: readonly ScriptedLog[] = [], count = 1): void {
    for (let mined = 0; mined < count; mined++) {
      const number = this.#blocks.length;
      const hash = this.#nextHash();
      const parentHash = this.#blocks.at(-1)?.hash ?? parseBytes32("00".repeat(32));
      const where = { blockNumber: hex(number), blockHash: hash };
      this.#blocks.push({
        number: hex(number),
        hash,
        parentHash,
        timestamp: hex(GENESIS_SECONDS + number * BLOCK_SECONDS),
        logs: logs.map(({ data = "0x", ...log }, index) => ({
          ...log,
          ...where,
          data,
          transactionHash: this.#nextHash(),
          transactionIndex: hex(index),
          logIndex: hex(index),
          removed: false,
        })),
      });
    }
  }

  /** Takes the last `depth` blocks out of the chain; nobody is told. */
  rollback(depth: number): void {
    this.#blocks = this.#blocks.slice(0, this.#blocks.length - depth);
  }

  announceHead(): void {
    this.announce("newHeads", this.header);
    for (const log of this.#blocks.at(-1)?.logs ?? []) this.announce("logs", log);
  }

  /** Sends anything at all to whoever subscribed to `kind`. */
  announce(kind: "newHeads" | "logs", result: unknown): void {
    for (const [socket, subscriptions] of this.#sockets) {
      for (const [subscription, subscribed] of subscriptions) {
        if (subscribed !== kind) continue;
        socket.send(JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params: { subscription, result } }));
      }
    }
  }

  /** Sends text as it is to every connection. */
  sendRaw(text: string | Uint8Array<ArrayBuffer>): void {
    for (const socket of this.#sockets.keys()) socket.send(text);
  }

  /** Ends every connection. */
  disconnect(): void {
    for (const socket of this.#sockets.keys()) socket.close();
  }

  /** What it answers when it tells the truth. */
  answer(method: string, params: readonly unknown[]): ScriptedAnswer {
    return this.#truth(method, params, new Map());
  }

  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    await this.#server.shutdown();
  }

  #upgrade(request: Request): Response {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const subscriptions = new Map<string, unknown>();
    socket.onopen = () => this.#sockets.set(socket, subscriptions);
    socket.onclose = () => this.#sockets.delete(socket);
    socket.onmessage = ({ data }) => {
      const answer = this.#answer(data, subscriptions);
      if (answer !== undefined && socket.readyState === WebSocket.OPEN) socket.send(answer);
    };
    return response;
  }

  async #post(request: Request): Promise<Response> {
    const answer = this.#answer(await request.text(), new Map());
    return answer === undefined ? new Response("overloaded", { status: 503 }) : new Response(answer);
  }

  #answer(text: string, subscriptions: Map<string, unknown>): string | undefined {
    const { id, method, params } = JSON.parse(text);
    this.requests.push({ method, params });
    const scripted = this.intercept?.(method, params) ?? this.#truth(method, params, subscriptions);
    if ("silence" in scripted) return undefined;
    return "raw" in scripted ? scripted.raw : JSON.stringify({ jsonrpc: "2.0", id, ...scripted });
  }

  #truth(method: string, params: readonly unknown[], subscriptions: Map<string, unknown>): ScriptedAnswer {
    switch (method) {
      case "eth_chainId":
        return { result: hex(this.#chainId) };
      case "eth_blockNumber":
        return { result: hex(this.#blocks.length - 1) };
      case "eth_gasPrice":
        return { result: "0x1" };
      case "eth_syncing":
        return { result: false };
      case "eth_getBlockByNumber":
        return { result: this.#block(params[0]) ?? null };
      case "eth_getLogs":
        return this.#logs(params[0] as Record<string, unknown>);
      case "eth_subscribe":
        subscriptions.set(hex(++this.#subscriptions), params[0]);
        return { result: hex(this.#subscriptions) };
      case "eth_unsubscribe":
        return { result: subscriptions.delete(String(params[0])) };
      default:
        return { error: { code: -32_601, message: `no method ${method}` } };
    }
  }

  #block(which: unknown): Block | undefined {
    if (which === "latest") return this.#blocks.at(-1);
    if (which === "safe") return this.#blocks.at(-1 - SAFE_DEPTH);
    return this.#blocks[Number(which)];
  }

  #logs(filter: Record<string, unknown>): ScriptedAnswer {
    const blocks = filter.blockHash === undefined
      ? this.#blocks.slice(Number(filter.fromBlock), Number(filter.toBlock) + 1)
      : this.#blocks.filter(({ hash }) => hash === filter.blockHash);
    if (blocks.length === 0) return { error: { code: -32_000, message: "unknown block" } };
    const addresses = filter.address as string[];
    const [topics] = filter.topics as string[][];
    const isAskedFor = (log: Record<string, unknown>) =>
      addresses.includes(String(log.address)) && topics?.includes((log.topics as string[])[0] ?? "");
    return { result: blocks.flatMap(({ logs }) => logs.filter(isAskedFor)) };
  }

  #nextHash(): Bytes32 {
    const bytes = new Uint8Array(32);
    crypto.getRandomValues(bytes);
    new DataView(bytes.buffer).setUint32(0, ++this.#hashes);
    return parseBytes32(bytesToHex(bytes));
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
