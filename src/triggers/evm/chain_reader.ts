import { type BlockHeader, type EvmLog, parseHeader, parseLog, quantity, type RpcRequester } from "@/chains/mod.ts";
import { backoffMs, type Context } from "@/context/mod.ts";
import { isWavsError, WavsError } from "@/domain/errors.ts";
import type { EvmReading } from "@/domain/chain_config.ts";
import type { Bytes32, ChainKey } from "@/domain/ids.ts";
import {
  LOG_QUERY_TIMEOUT_MS,
  MAX_BLOCKS_PER_QUERY,
  MISSING_BLOCK_BACKOFF,
  MISSING_BLOCK_RETRIES,
  PARALLEL_BLOCKS,
} from "./limits.ts";
import { covers, halve, logQueries, type LogQuery, logQueryParams } from "./log_query.ts";
import type { BlockRef } from "./position.ts";
import type { LogFilter } from "./watchlist.ts";
import type { AskForLogs } from "./witnesses.ts";

export interface ReaderOptions {
  readonly chain: ChainKey;
  readonly reading: EvmReading;
}

export interface ReaderModules {
  readonly context: Context;
  readonly requester: RpcRequester;
  /** Has others confirm the logs of a query; throws when they do not. */
  readonly confirm: (logs: readonly EvmLog[], ask: AskForLogs) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Reads blocks and logs of one chain through one endpoint and believes nothing that does not fit together. */
export class ChainReader {
  readonly #chain: ChainKey;
  readonly #reading: EvmReading;
  readonly #modules: ReaderModules;
  #blocksPerQuery = BigInt(MAX_BLOCKS_PER_QUERY);

  constructor({ chain, reading }: ReaderOptions, modules: ReaderModules) {
    this.#chain = chain;
    this.#reading = reading;
    this.#modules = modules;
  }

  /** How many blocks the next range should have: fewer after a refusal, more again while there is none. */
  get blocksPerQuery(): bigint {
    return this.#blocksPerQuery;
  }

  async latest(): Promise<BlockHeader> {
    return parseHeader(await this.#request("eth_getBlockByNumber", ["latest", false]));
  }

  /** The latest block up to `head` that is as final as the configuration asks; block 0 while the chain is too short. */
  async confirmed(head: BlockHeader): Promise<BlockHeader> {
    const { confirmations } = this.#reading;
    if (confirmations === 0) return head;
    if (typeof confirmations === "number") {
      const number = head.number - BigInt(confirmations);
      return await this.announcedBlock(number > 0n ? number : 0n);
    }
    const answer = await this.#request("eth_getBlockByNumber", [confirmations, false]);
    return answer === null || answer === undefined ? await this.announcedBlock(0n) : parseHeader(answer);
  }

  /** The block at this height, or `undefined` while there is none. */
  async blockAt(number: bigint): Promise<BlockHeader | undefined> {
    const answer = await this.#request("eth_getBlockByNumber", [quantity(number), false]);
    if (answer === null || answer === undefined) return undefined;
    const header = parseHeader(answer);
    if (header.number !== number) throw inconsistent(`it sent block ${header.number} for ${number}`);
    return header;
  }

  /** {@link blockAt} for a block that was announced: waits a moment until the node that answers knows it too. */
  announcedBlock(number: bigint): Promise<BlockHeader> {
    return this.#retryWhileMissing(async () => {
      const header = await this.blockAt(number);
      if (header === undefined) throw missingBlock(number);
      return header;
    });
  }

  /** The hash of block 0; `undefined` where the provider does not keep it. */
  async genesis(): Promise<Bytes32 | undefined> {
    try {
      return (await this.blockAt(0n))?.hash;
    } catch (error) {
      if (isWavsError(error, "rpc_error")) return undefined;
      throw error;
    }
  }

  /** Whether a block that was in the chain still is. */
  async isInChain({ number, hash }: BlockRef): Promise<boolean> {
    return (await this.blockAt(number))?.hash === hash;
  }

  /** The logs of one block, certainly of this very block; `undefined` when another one has taken its place. */
  async logsOfBlock(filter: LogFilter, block: BlockRef): Promise<readonly EvmLog[] | undefined> {
    const queries = logQueries(filter, { kind: "hash", ...block });
    try {
      return (await Promise.all(queries.map((query) => this.#logsByHash(query, block)))).flat();
    } catch (error) {
      if (await this.#isReplaced(block)) return undefined;
      throw error;
    }
  }

  /** The logs of a range, which should be far enough from the head that every node knows it. */
  async logsOfRange(filter: LogFilter, from: bigint, to: bigint): Promise<readonly EvmLog[]> {
    const before = this.#blocksPerQuery;
    const logs: EvmLog[] = [];
    for (const query of logQueries(filter, { kind: "range", from, to })) logs.push(...await this.#logsOrHalves(query));
    const isRefused = this.#blocksPerQuery < before;
    if (!isRefused) this.#blocksPerQuery = smaller(before * 2n, BigInt(MAX_BLOCKS_PER_QUERY));
    return logs;
  }

  /** At most `PARALLEL_BLOCKS` blocks from `from` on, up to `head`, each the parent of the next. */
  async blocksUpTo(from: bigint, head: BlockHeader): Promise<readonly BlockHeader[]> {
    const count = Number(smaller(head.number - from + 1n, BigInt(PARALLEL_BLOCKS)));
    return await Promise.all(Array.from({ length: count }, (_, index) => {
      const number = from + BigInt(index);
      return number === head.number ? head : this.announcedBlock(number);
    }));
  }

  async #logs(query: LogQuery): Promise<readonly EvmLog[]> {
    const { requester, confirm } = this.#modules;
    const logs = await this.#logsFrom(requester, query);
    await confirm(logs, (witness) => this.#logsFrom(witness, query));
    return await this.#dated(logs);
  }

  async #logsFrom(requester: RpcRequester, query: LogQuery): Promise<readonly EvmLog[]> {
    const { signal } = this.#modules;
    const options = { signal, timeoutMs: LOG_QUERY_TIMEOUT_MS };
    const answer = await requester.request("eth_getLogs", logQueryParams(query), options);
    if (!Array.isArray(answer)) throw inconsistent("it did not answer a query for logs with an array");
    const logs: EvmLog[] = [];
    for (const item of answer) {
      const log = parseLog(item);
      if ("dropped" in log) {
        this.#modules.context.log.warn("Log dropped", { chain: this.#chain, reason: log.dropped });
        continue;
      }
      if (!covers(query.blocks, { number: log.blockNumber, hash: log.blockHash })) {
        throw inconsistent(`it sent a log of block ${log.blockNumber}, which it was not asked for`);
      }
      logs.push(log);
    }
    return logs;
  }

  /** The logs with the time that enters the ids of their events. */
  async #dated(logs: readonly EvmLog[]): Promise<readonly EvmLog[]> {
    switch (this.#reading.eventTimestamp) {
      case "provider":
        return logs;
      case "none":
        return logs.map((log) => ({ ...log, blockTimestamp: undefined }));
      case "header":
        return await this.#datedByHeader(logs);
    }
  }

  async #datedByHeader(logs: readonly EvmLog[]): Promise<readonly EvmLog[]> {
    const times = new Map<Bytes32, bigint>();
    for (const { blockNumber, blockHash, blockTimestamp } of logs) {
      if (blockTimestamp !== undefined || times.has(blockHash)) continue;
      const header = await this.announcedBlock(blockNumber);
      if (header.hash !== blockHash) throw inconsistent(`block ${blockNumber} was replaced while its logs were read`);
      times.set(blockHash, header.timestamp);
    }
    return logs.map((log) => ({ ...log, blockTimestamp: log.blockTimestamp ?? times.get(log.blockHash) }));
  }

  async #logsOrHalves(query: LogQuery): Promise<readonly EvmLog[]> {
    try {
      return await this.#logs(query);
    } catch (error) {
      return await this.#logsByHalves(query, error);
    }
  }

  /** Providers refuse what is too much in words of their own, so every refusal of a query has it halved. */
  async #logsByHalves(query: LogQuery, error: unknown): Promise<readonly EvmLog[]> {
    const parts = isTooMuch(error) ? halve(query) : undefined;
    if (parts === undefined) throw error;
    if (query.blocks.kind === "range") {
      const blocks = (query.blocks.to - query.blocks.from + 1n) / 2n;
      this.#blocksPerQuery = smaller(this.#blocksPerQuery, blocks > 1n ? blocks : 1n);
    }
    const [first, second] = parts;
    return [...await this.#logsOrHalves(first), ...await this.#logsOrHalves(second)];
  }

  async #logsByHash(query: LogQuery, block: BlockRef): Promise<readonly EvmLog[]> {
    const isReplaced = () => this.#isReplaced(block);
    try {
      return await this.#retryWhileMissing(() => this.#logs(query), isReplaced);
    } catch (error) {
      if (!isTooMuch(error) || await isReplaced()) throw error;
      return await this.#logsByHalves(query, error);
    }
  }

  /** Not so while there is no block at this height: the node that answers may lag. */
  async #isReplaced({ number, hash }: BlockRef): Promise<boolean> {
    const present = await this.blockAt(number);
    return present !== undefined && present.hash !== hash;
  }

  async #retryWhileMissing<T>(
    attempt: () => Promise<T>,
    isHopeless: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<T> {
    const { context, signal } = this.#modules;
    for (let retry = 1;; retry++) {
      try {
        return await attempt();
      } catch (error) {
        const mayCome = isWavsError(error, "rpc_error") || isWavsError(error, "rpc_block_missing");
        if (!mayCome || retry > MISSING_BLOCK_RETRIES || await isHopeless()) throw error;
        await context.clock.sleep(backoffMs(MISSING_BLOCK_BACKOFF, retry, context.random), signal);
      }
    }
  }

  #request(method: string, params: readonly unknown[]): Promise<unknown> {
    const { requester, signal } = this.#modules;
    return requester.request(method, params, { signal });
  }
}

const TOO_MUCH: ReadonlySet<string> = new Set([
  "rpc_error",
  "rpc_answer_too_large",
  "rpc_timeout",
  "rpc_quorum_missed",
]);

function isTooMuch(error: unknown): boolean {
  return error instanceof WavsError && TOO_MUCH.has(error.code);
}

/** The endpoint contradicts itself; another one may not. */
export function inconsistent(why: string): WavsError {
  return new WavsError("rpc_inconsistent", {
    message: `Cannot follow the chain through this endpoint because ${why}`,
    retryable: true,
  });
}

function missingBlock(number: bigint): WavsError {
  return new WavsError("rpc_block_missing", {
    message: `Cannot read block ${number} because the endpoint announced it but does not have it`,
    retryable: true,
  });
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
