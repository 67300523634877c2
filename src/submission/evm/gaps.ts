import type { RpcRequester } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import { GAP_PATIENCE_MS, MAX_GAP_FILLERS, TRANSFER_GAS } from "../limits.ts";
import type { SendingAccount } from "../types.ts";
import { broadcast } from "./broadcast.ts";
import { type Fees, readFees } from "./fees.ts";
import type { Nonces } from "./nonces.ts";
import { readNonceCount } from "./rpc.ts";

export interface GapModules {
  readonly rpc: RpcRequester;
  readonly account: SendingAccount;
  readonly nonces: Nonces;
  readonly context: Context;
  readonly chainId: number;
}

/**
 * Closes gaps in the account's nonces with transactions that do nothing.
 *
 * A transaction that was recorded but never sent, and whose action has been given up, leaves a nonce nobody sends; all
 * later ones would wait behind it for ever.
 */
export class Gaps {
  readonly #modules: GapModules;
  #seen: { readonly nonce: number; readonly sinceMs: number } | undefined;

  constructor(modules: GapModules) {
    this.#modules = modules;
  }

  /**
   * @param count transactions of the account that are mined, hence the nonce that is due
   * @param lowestWaiting the lowest nonce of a transaction that was sent
   */
  async check(count: number, lowestWaiting: number): Promise<void> {
    const { nonces, rpc, account } = this.#modules;
    if (nonces.isHeld(count)) {
      this.#seen = undefined;
      return;
    }
    if (!this.#isPatienceOver(count)) return;
    this.#seen = undefined;
    // A pending count above the nonce means that somebody's transaction is in the pool: no gap.
    if (await readNonceCount(rpc, account.address, "pending") > count) return;
    await this.#fill(count, Math.min(lowestWaiting, count + MAX_GAP_FILLERS));
  }

  #isPatienceOver(nonce: number): boolean {
    const now = this.#modules.context.clock.monotonic();
    if (this.#seen?.nonce !== nonce) this.#seen = { nonce, sinceMs: now };
    return now - this.#seen.sinceMs >= GAP_PATIENCE_MS;
  }

  async #fill(from: number, end: number): Promise<void> {
    const { rpc, context } = this.#modules;
    const fees = await readFees(rpc, undefined);
    for (let nonce = from; nonce < end; nonce++) {
      context.log.warn("Closing a gap in the account's nonces with an empty transaction", { nonce });
      await this.#send(nonce, fees);
    }
  }

  async #send(nonce: number, fees: Fees): Promise<void> {
    const { rpc, account, nonces, context, chainId } = this.#modules;
    if (!nonces.hold(nonce)) return;
    try {
      const transaction = { chainId, nonce, to: account.address, data: "0x", gas: TRANSFER_GAS, fees } as const;
      const { raw } = await account.sign(transaction);
      const result = await broadcast(rpc, raw, context);
      if (result.kind === "refused") throw result.error;
      nonces.release(nonce);
    } catch (error) {
      nonces.giveBack(nonce);
      context.log.warn("Cannot close a gap in the account's nonces", { nonce, reason: describeError(error) });
    }
  }
}
