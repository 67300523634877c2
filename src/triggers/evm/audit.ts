import {
  createHttpEndpoint,
  createLazyWsEndpoint,
  endpointLabel,
  type EvmLog,
  isWsUrl,
  parseLog,
  parseQuantity,
  requireEndpoints,
  type RpcRequester,
} from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import type { EvmChainConfig } from "@/domain/chain_config.ts";
import { isWavsError, WavsError } from "@/domain/errors.ts";
import type { Bytes32 } from "@/domain/ids.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import type { HeightRange } from "../block_interval/heights.ts";
import { intervalEvents } from "../block_interval/watch.ts";
import type { Cursor, DetectedEvent } from "../types.ts";
import { ChainReader } from "./chain_reader.ts";
import { detect } from "./detect.ts";
import { type BlockRef, decodeCursor } from "./position.ts";
import { watchlistOf } from "./watchlist.ts";

export interface ExpectedOptions {
  readonly registry: Pick<RegistrySnapshot, "services">;
  /** The stored position of the chain's source: it says from which height intervals count. */
  readonly cursor: Cursor;
  readonly range: HeightRange;
}

/** The height up to which the source of a chain has handed everything over. */
export function deliveredHeight(cursor: Cursor): bigint {
  return decodeCursor(cursor).next - 1n;
}

/**
 * Reads a chain anew, apart from the source that follows it, to compare with what is recorded.
 *
 * One endpoint is asked, whatever `rpc_quorum` says: what it tells is compared, not signed.
 */
export class ChainAudit implements AsyncDisposable {
  readonly endpoint: string;
  readonly #config: EvmChainConfig;
  readonly #context: Context;
  readonly #requester: RpcRequester;
  readonly #reader: ChainReader;
  readonly #connection: AsyncDisposable | undefined;

  private constructor(url: string, config: EvmChainConfig, context: Context) {
    const connection = isWsUrl(url) ? createLazyWsEndpoint(url, context) : undefined;
    this.endpoint = endpointLabel(url);
    this.#config = config;
    this.#context = context;
    this.#connection = connection;
    this.#requester = connection ?? createHttpEndpoint(url, context);
    this.#reader = new ChainReader(
      { chain: config.key, reading: config.reading },
      { context, requester: this.#requester, confirm: () => Promise.resolve(), signal: context.signal },
    );
  }

  /**
   * Asks the endpoints in order until one of them answers for the right chain.
   *
   * @throws WavsError `chain_endpoint_missing`, `chain_id_mismatch`, or what the last endpoint failed with
   */
  static async open(config: EvmChainConfig, context: Context): Promise<ChainAudit> {
    const http = config.httpEndpoint === undefined ? [] : [config.httpEndpoint];
    let failure: unknown;
    for (const url of requireEndpoints(config, [...http, ...config.wsEndpoints])) {
      const audit = new ChainAudit(url, config, context);
      try {
        await audit.#requireChain();
        return audit;
      } catch (error) {
        await audit[Symbol.asyncDispose]();
        if (!isWavsError(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** The latest height whose events count, by the chain's `confirmations`. */
  async head(): Promise<bigint> {
    return (await this.#reader.confirmed(await this.#reader.latest())).number;
  }

  /** Everything in a range that some workflow waits for, part by part: logs in the order of the chain, then heights. */
  async *expected({ registry, cursor, range }: ExpectedOptions): AsyncGenerator<readonly DetectedEvent[]> {
    const { key: chain } = this.#config;
    const watchlist = watchlistOf({ revision: 0, chains: [], ...registry }, chain);
    const { intervals: anchors } = decodeCursor(cursor);
    const detectedAtMs = this.#context.clock.now();
    for (let from = range.from; from <= range.to;) {
      const last = from + this.#reader.blocksPerQuery - 1n;
      const part = { from, to: last < range.to ? last : range.to };
      const logs = await this.#reader.logsOfRange(watchlist.filter, part.from, part.to);
      yield detect(logs, { chain, watchlist, detectedAtMs, onUndecodable: () => {} }).events;
      yield intervalEvents(watchlist.intervals, part, {
        chain,
        anchors,
        missed: "fire_all",
        missedUpTo: -1n,
        detectedAtMs,
        onGivenUp: () => {},
      });
      from = part.to + 1n;
    }
  }

  /** When a block was made, in milliseconds since the epoch; `undefined` for a height that is not there yet. */
  async timeOf(height: bigint): Promise<number | undefined> {
    const block = await this.#reader.blockAt(height);
    return block === undefined ? undefined : Number(block.timestamp) * 1_000;
  }

  isInChain(block: BlockRef): Promise<boolean> {
    return this.#reader.isInChain(block);
  }

  /** The logs of a transaction; `undefined` when the chain has no such transaction now. */
  async logsOf(transaction: Bytes32): Promise<readonly EvmLog[] | undefined> {
    const receipt = await this.#requester.request("eth_getTransactionReceipt", [transaction]);
    if (typeof receipt !== "object" || receipt === null || !("logs" in receipt) || !Array.isArray(receipt.logs)) {
      return undefined;
    }
    return receipt.logs.flatMap((value) => {
      const log = parseLog(value);
      return "dropped" in log ? [] : [log];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.[Symbol.asyncDispose]();
  }

  async #requireChain(): Promise<void> {
    const chainId = String(parseQuantity(await this.#requester.request("eth_chainId", [])));
    if (chainId === this.#config.chainId) return;
    throw new WavsError("chain_id_mismatch", {
      message:
        `Cannot read chain "${this.#config.key}" through "${this.endpoint}" because that is chain "${chainId}", ` +
        `not "${this.#config.chainId}"`,
      retryable: false,
    });
  }
}
