import type { RpcRequester } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { type Bytes32, describeError, type EvmAddress } from "@/domain/mod.ts";
import { MAX_RECEIPT_REQUESTS, RECEIPT_POLL, REPLACED_AFTER_MS } from "../limits.ts";
import { readNonceCount, readReceipt, type Receipt } from "./rpc.ts";

/** What was sent with one nonce: of several transactions at most one lands. */
export interface SentNonce {
  readonly from: EvmAddress;
  readonly nonce: number;
  readonly hashes: readonly Bytes32[];
}

/** How the wait for a receipt ended. `replaced`: the nonce is used by a transaction that is none of these. */
export type Mined =
  | { readonly kind: "mined"; readonly receipt: Receipt }
  | { readonly kind: "replaced" | "timed_out" | "stopped" };

/** Told when transactions wait although the next nonce of their account is none of theirs. */
export type GapListener = (from: EvmAddress, minedCount: number, lowestWaiting: number) => Promise<void>;

interface Waiter extends SentNonce {
  readonly deadlineMs: number;
  readonly resolve: (mined: Mined) => void;
  /** Since when its nonce is used without a receipt. */
  missingSinceMs: number | undefined;
}

/**
 * Waits for many receipts of a chain at the price of one request per account and poll: the account's nonce count tells
 * which transactions are mined, and only for these a receipt is asked.
 */
export class Receipts {
  readonly #rpc: RpcRequester;
  readonly #context: Context;
  readonly #onGap: GapListener;
  readonly #waiters = new Set<Waiter>();
  #delayMs = RECEIPT_POLL.minMs;
  #wake = new AbortController();
  #isPolling = false;

  constructor(rpc: RpcRequester, modules: { readonly context: Context; readonly onGap: GapListener }) {
    this.#rpc = rpc;
    this.#context = modules.context;
    this.#onGap = modules.onGap;
  }

  /** @param patienceMs how long to wait */
  wait(sent: SentNonce, patienceMs: number): Promise<Mined> {
    const { promise, resolve } = Promise.withResolvers<Mined>();
    const deadlineMs = this.#context.clock.monotonic() + patienceMs;
    this.#waiters.add({ ...sent, deadlineMs, resolve, missingSinceMs: undefined });
    this.#hurry();
    if (!this.#isPolling) void this.#poll();
    return promise;
  }

  async #poll(): Promise<void> {
    this.#isPolling = true;
    const { signal, log } = this.#context;
    while (this.#waiters.size > 0 && !signal.aborted) {
      try {
        for (const from of new Set([...this.#waiters].map((waiter) => waiter.from))) await this.#look(from);
      } catch (error) {
        log.debug("Cannot look for receipts", { reason: describeError(error) });
      }
      this.#expire();
      if (this.#waiters.size > 0) await this.#pause();
    }
    for (const waiter of this.#waiters) this.#settle(waiter, { kind: "stopped" });
    this.#isPolling = false;
  }

  /** Looks after the transactions of one account. */
  async #look(from: EvmAddress): Promise<void> {
    const count = await readNonceCount(this.#rpc, from, "latest");
    const waiting = [...this.#waiters].filter((waiter) => waiter.from === from);
    const used = waiting.filter(({ nonce }) => nonce < count);
    for (let start = 0; start < used.length; start += MAX_RECEIPT_REQUESTS) {
      await Promise.all(used.slice(start, start + MAX_RECEIPT_REQUESTS).map((waiter) => this.#fetch(waiter)));
    }
    const lowest = Math.min(...waiting.map(({ nonce }) => nonce));
    if (lowest > count) await this.#onGap(from, count, lowest);
  }

  async #fetch(waiter: Waiter): Promise<void> {
    const receipts = await Promise.all(waiter.hashes.map((hash) => readReceipt(this.#rpc, hash)));
    const receipt = receipts.find((found) => found !== undefined);
    const now = this.#context.clock.monotonic();
    if (receipt !== undefined) {
      this.#settle(waiter, { kind: "mined", receipt });
      this.#delayMs = RECEIPT_POLL.minMs;
      return;
    }
    waiter.missingSinceMs ??= now;
    if (now - waiter.missingSinceMs >= REPLACED_AFTER_MS) this.#settle(waiter, { kind: "replaced" });
  }

  #expire(): void {
    const now = this.#context.clock.monotonic();
    for (const waiter of this.#waiters) if (now >= waiter.deadlineMs) this.#settle(waiter, { kind: "timed_out" });
  }

  #settle(waiter: Waiter, mined: Mined): void {
    this.#waiters.delete(waiter);
    waiter.resolve(mined);
  }

  /** A new transaction may be mined at once: the next look is not far away. */
  #hurry(): void {
    if (this.#delayMs > RECEIPT_POLL.minMs) this.#wake.abort();
    this.#delayMs = RECEIPT_POLL.minMs;
  }

  async #pause(): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#wake.signal, this.#context.signal]);
    await this.#context.clock.sleep(this.#delayMs, signal);
    this.#delayMs = Math.min(RECEIPT_POLL.maxMs, this.#delayMs * RECEIPT_POLL.factor);
  }
}
