import { readBlockNumber, type RpcRequester } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import {
  type Bytes32,
  describeError,
  type EvmAddress,
  handledEventOf,
  highest,
  type Landing,
  type Turn,
} from "@/domain/mod.ts";
import {
  MAX_ACTIVE_OPERATORS,
  MAX_BUSY_DELAYS,
  MAX_SIGHTED_BLOCKS,
  MAX_SIGHTINGS,
  MAX_SIGHTINGS_PER_EVENT,
  PENDING_PATIENCE_MS,
  SIGHTED_BLOCKS,
  SIGHTING_POLL_MS,
} from "../limits.ts";
import type { HandlerCall } from "../types.ts";
import { readBlockTransactions, readReceipt, readTransaction } from "./rpc.ts";

/**
 * Sees what other operators have brought to handlers, so that nobody pays for an event a second time.
 *
 * Transactions are found in the chain's blocks, which are read only while somebody waits, or are announced by peers. An
 * announcement is nothing but a hint where to look: what counts is the transaction's call and its receipt.
 */
export class Sightings {
  readonly #rpc: RpcRequester;
  readonly #context: Context;
  /** By handler and event, transactions that call the one for the other. */
  readonly #seen = new Map<string, Set<Bytes32>>();
  /** By handler and event, transactions that are said to. */
  readonly #announced = new Map<string, Set<Bytes32>>();
  /** When operators announced something last, by their signing keys; the latest last. */
  readonly #active = new Map<EvmAddress, number>();
  /** The next block to read. */
  #next: bigint | undefined;
  #reading: Promise<void> | undefined;

  constructor(rpc: RpcRequester, context: Context) {
    this.#rpc = rpc;
    this.#context = context;
  }

  announce(call: HandlerCall, txHash: Bytes32, operator: EvmAddress): void {
    remember(this.#announced, keyOf(call), txHash);
    this.#active.delete(operator);
    this.#active.set(operator, this.#context.clock.monotonic());
    const [oldest] = this.#active.keys();
    if (oldest !== undefined && this.#active.size > MAX_ACTIVE_OPERATORS) this.#active.delete(oldest);
  }

  /**
   * Waits until it is this operator's turn: each of those before it is given its time, and more while it is sending
   * other transactions, since it is busy then and not dead.
   *
   * @returns the transaction of somebody else that took effect meanwhile
   */
  async awaitTurn(call: HandlerCall, { before, delayMs }: Turn): Promise<Landing | undefined> {
    const { clock, signal } = this.#context;
    const startMs = clock.monotonic();
    const turnMs = startMs + before.length * delayMs;
    if (before.length === 0 && !this.#announced.has(keyOf(call))) return undefined;
    while (!signal.aborted) {
      const landing = await this.#look(call);
      if (landing !== undefined) return landing;
      const pendingUntilMs = await this.#isPending(call) ? turnMs + PENDING_PATIENCE_MS : turnMs;
      const busyUntilMs = Math.max(...before.map((operator) => this.#active.get(operator) ?? -Infinity)) + delayMs;
      const patienceMs = Math.min(busyUntilMs, turnMs + MAX_BUSY_DELAYS * delayMs);
      const leftMs = Math.max(pendingUntilMs, patienceMs) - clock.monotonic();
      if (leftMs <= 0) return undefined;
      await clock.sleep(Math.min(SIGHTING_POLL_MS, leftMs), signal);
    }
    return undefined;
  }

  /**
   * Looks through the latest blocks, those read before included: a reorg may have put others in their place.
   *
   * @throws WavsError what the chain's endpoint fails with
   */
  async find(call: HandlerCall): Promise<Landing | undefined> {
    await this.#read();
    const landing = await this.#confirm(call);
    if (landing !== undefined) return landing;
    this.#next = undefined;
    await this.#read();
    return await this.#confirm(call);
  }

  /** An endpoint that does not answer has seen nothing; the wait goes on. */
  async #look(call: HandlerCall): Promise<Landing | undefined> {
    try {
      await this.#read();
      return await this.#confirm(call);
    } catch (error) {
      this.#context.log.debug("Cannot look for others' transactions", { reason: describeError(error) });
      return undefined;
    }
  }

  /** Reads the blocks that are new; everybody who waits shares one pass. */
  async #read(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => this.#reading = undefined);
    await this.#reading;
  }

  async #readOn(): Promise<void> {
    const head = await readBlockNumber(this.#rpc);
    const oldest = head - MAX_SIGHTED_BLOCKS + 1n;
    const first = this.#next ?? head - SIGHTED_BLOCKS + 1n;
    for (let number = highest(first, oldest, 0n); number <= head; number++) {
      for (const { hash, to, data } of await readBlockTransactions(this.#rpc, number)) {
        const eventId = to === undefined ? undefined : handledEventOf(data);
        if (to !== undefined && eventId !== undefined) remember(this.#seen, keyOf({ handler: to, eventId }), hash);
      }
      this.#next = number + 1n;
    }
  }

  async #confirm(call: HandlerCall): Promise<Landing | undefined> {
    for (const hash of this.#seen.get(keyOf(call)) ?? []) {
      const receipt = await readReceipt(this.#rpc, hash);
      if (receipt?.succeeded !== true) continue;
      const { blockNumber, blockHash } = receipt;
      return { txHash: hash, blockNumber, blockHash };
    }
    return undefined;
  }

  /** Whether one of the announced transactions is on its way; one that is something else is forgotten. */
  async #isPending(call: HandlerCall): Promise<boolean> {
    const key = keyOf(call);
    const announced = this.#announced.get(key) ?? new Set();
    for (const hash of announced) {
      try {
        const transaction = await readTransaction(this.#rpc, hash);
        // It may not have spread to this endpoint yet, or is lost.
        if (transaction === undefined) continue;
        if (transaction.to !== call.handler || handledEventOf(transaction.data) !== call.eventId) {
          announced.delete(hash);
          continue;
        }
        remember(this.#seen, key, hash);
        if (!transaction.isMined) return true;
      } catch (error) {
        this.#context.log.debug("Cannot look up an announced transaction", { hash, reason: describeError(error) });
      }
    }
    return false;
  }
}

function keyOf({ handler, eventId }: HandlerCall): string {
  return `${handler} ${eventId}`;
}

function remember(sightings: Map<string, Set<Bytes32>>, key: string, hash: Bytes32): void {
  const hashes = sightings.get(key) ?? new Set();
  if (hashes.size < MAX_SIGHTINGS_PER_EVENT) hashes.add(hash);
  // The latest told are the last to be forgotten.
  sightings.delete(key);
  sightings.set(key, hashes);
  for (const [oldest] of sightings) {
    if (sightings.size <= MAX_SIGHTINGS) break;
    sightings.delete(oldest);
  }
}
