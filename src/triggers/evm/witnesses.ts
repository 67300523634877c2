import {
  createHttpEndpoint,
  createLazyWsEndpoint,
  endpointLabel,
  type EvmLog,
  isEndpointFailure,
  isWsUrl,
  type RpcRequester,
} from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { bytesToHex } from "@/domain/hex.ts";
import { describeError, isWavsError, WavsError } from "@/domain/errors.ts";
import type { EvmChainConfig } from "@/domain/chain_config.ts";

/** Asks one endpoint for logs. */
export type AskForLogs = (requester: RpcRequester) => Promise<readonly EvmLog[]>;

interface Witness {
  readonly url: string;
  readonly requester: RpcRequester & Partial<AsyncDisposable>;
}

/**
 * The endpoints of a chain as witnesses of each other (`rpc_quorum`): what one tells counts once so many of them tell
 * the same. One that lies, or that left something out, can then neither invent nor hide an event; the price is that each
 * query is asked so many times.
 */
export class Witnesses implements AsyncDisposable {
  readonly #chain: string;
  readonly #quorum: number;
  readonly #context: Context;
  readonly #all: readonly Witness[];

  constructor({ key, reading }: EvmChainConfig, urls: readonly string[], context: Context) {
    this.#chain = key;
    this.#quorum = reading.rpcQuorum;
    this.#context = context;
    this.#all = this.#quorum === 1 ? [] : urls.map((url) => ({
      url,
      requester: isWsUrl(url) ? createLazyWsEndpoint(url, context) : createHttpEndpoint(url, context),
    }));
  }

  /**
   * Has other endpoints confirm what `url` answered; they are asked until enough of them agree.
   *
   * @throws WavsError `rpc_quorum_missed` when too few agree
   */
  async confirm(url: string, logs: readonly EvmLog[], ask: AskForLogs): Promise<void> {
    let agreeing = 1;
    const against: string[] = [];
    for (const witness of this.#all) {
      if (agreeing >= this.#quorum) return;
      if (witness.url === url) continue;
      const objection = await this.#objection(witness, logs, ask);
      if (objection === undefined) agreeing++;
      else against.push(`"${endpointLabel(witness.url)}" ${objection}`);
    }
    if (agreeing >= this.#quorum) return;
    throw new WavsError("rpc_quorum_missed", {
      message: `Cannot believe the logs that "${endpointLabel(url)}" tells of chain "${this.#chain}" because ` +
        `${this.#quorum} endpoints must tell the same, but ${against.join(", ")}`,
      retryable: true,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(({ requester }) => requester[Symbol.asyncDispose]?.()));
  }

  async #objection({ requester }: Witness, logs: readonly EvmLog[], ask: AskForLogs): Promise<string | undefined> {
    try {
      return isSame(await ask(requester), logs) ? undefined : "tells of others";
    } catch (error) {
      if (!isEndpointFailure(error) && !isWavsError(error, "rpc_error") && !isWavsError(error, "rpc_inconsistent")) {
        throw error;
      }
      this.#context.log.debug("Witness gave no usable answer", { chain: this.#chain, error: describeError(error) });
      return "gives no usable answer";
    }
  }
}

function isSame(left: readonly EvmLog[], right: readonly EvmLog[]): boolean {
  if (left.length !== right.length) return false;
  const byPlace = new Map(right.map((log) => [placeOf(log), log]));
  return left.every((log) => {
    const other = byPlace.get(placeOf(log));
    return other !== undefined && contentOf(log) === contentOf(other) && agreeOnTime(log, other);
  });
}

function placeOf({ blockHash, logIndex }: EvmLog): string {
  return `${blockHash}/${logIndex}`;
}

function contentOf(log: EvmLog): string {
  const { address, topics, data, blockNumber, transactionHash, transactionIndex } = log;
  return [address, ...topics, bytesToHex(data), blockNumber, transactionHash, transactionIndex].join("/");
}

/** Some providers leave the time out; that is no contradiction. */
function agreeOnTime({ blockTimestamp: left }: EvmLog, { blockTimestamp: right }: EvmLog): boolean {
  return left === undefined || right === undefined || left === right;
}
