import type { PayingAccount } from "@/aggregator/types.ts";
import type { Context } from "@/context/mod.ts";
import { type ChainKey, describeError } from "@/domain/mod.ts";

/** How often balances are read. */
const LOOK_INTERVAL_MS = 60_000;

/** An account that can pay for fewer transactions than this is told of while there is time to send it more. */
export const LOW_BALANCE_TRANSACTIONS = 100;

export interface BalanceWatchModules {
  readonly context: Context;
  readonly accounts: () => Promise<readonly PayingAccount[]>;
}

/** Says in time that an account which pays for transactions runs dry. */
export class BalanceWatch implements AsyncDisposable {
  readonly #modules: BalanceWatchModules;
  readonly #closed = new AbortController();
  readonly #looping: Promise<void>;
  readonly #low = new Set<ChainKey>();
  #latest: readonly PayingAccount[] = [];

  constructor(modules: BalanceWatchModules) {
    this.#modules = modules;
    this.#looping = this.#loop();
  }

  /** As they were a minute ago at most. */
  latest(): readonly PayingAccount[] {
    return this.#latest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#looping;
  }

  async #loop(): Promise<void> {
    const { clock } = this.#modules.context;
    while (!this.#closed.signal.aborted) {
      await this.#look();
      await clock.sleep(LOOK_INTERVAL_MS, this.#closed.signal);
    }
  }

  async #look(): Promise<void> {
    const { context, accounts } = this.#modules;
    try {
      this.#latest = await accounts();
    } catch (error) {
      context.log.debug("Balances cannot be read", { reason: describeError(error) });
      return;
    }
    for (const { chain, balanceWei, transactionsLeft } of this.#latest) {
      if (transactionsLeft >= LOW_BALANCE_TRANSACTIONS) {
        this.#low.delete(chain);
      } else if (!this.#low.has(chain)) {
        this.#low.add(chain);
        const fields = { chain, balanceWei, transactionsLeft };
        context.log.warn("The account that pays for transactions runs dry, send it more", fields);
      }
    }
  }
}
