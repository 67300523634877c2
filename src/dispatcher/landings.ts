import type { LogFields } from "@/context/mod.ts";
import { type ChainKey, type Landing, serializeError } from "@/domain/mod.ts";
import type { LostLanding } from "@/journal/mod.ts";
import type { Actions } from "./actions.ts";
import { LANDING_LOOK_INTERVAL_MS, SETTLED_DEPTH } from "./limits.ts";
import { afterFailedSubmission } from "./retry.ts";
import type { DispatcherModules, DispatcherOptions } from "./types.ts";

/**
 * Keeps an eye on what has landed until it is too deep for a reorg, and brings it on chain again when one took it away.
 *
 * The chain is asked for the blocks something landed in, not for every transaction: a hundred landings of one block cost
 * one request.
 */
export class Landings {
  readonly #options: DispatcherOptions;
  readonly #modules: DispatcherModules;
  readonly #actions: Actions;
  #dueAtMs = 0;
  #looking: Promise<void> | undefined;

  constructor(options: DispatcherOptions, modules: DispatcherModules, actions: Actions) {
    this.#options = options;
    this.#modules = modules;
    this.#actions = actions;
  }

  /** Starts a look when one is due. @param done called after it */
  look(done: () => void): void {
    const now = this.#modules.context.clock.now();
    if (this.#looking !== undefined || now < this.#dueAtMs) return;
    const chains = this.#modules.journal.landings.chains();
    this.#dueAtMs = now + LANDING_LOOK_INTERVAL_MS;
    if (chains.length === 0) return;
    this.#looking = Promise.all(chains.map((chain) => this.#lookAt(chain))).then(() => {
      this.#looking = undefined;
      done();
    });
  }

  take(room: number, busy: readonly LostLanding[]): LostLanding[] {
    const { journal, context } = this.#modules;
    return journal.landings.due(context.clock.now(), room, busy.map(({ id }) => id));
  }

  nextDueAt(now: number): number {
    return Math.min(this.#dueAtMs, this.#modules.journal.landings.nextDueAt(now) ?? Infinity);
  }

  /** Brings one back. */
  async run(lost: LostLanding): Promise<void> {
    const { journal, context } = this.#modules;
    try {
      const outcome = await this.#actions.submitAgain(lost.id);
      if (outcome.landing === undefined) journal.landings.forget(lost.id);
      else journal.landings.record(lost.id, lost.chain, outcome.landing);
      context.log.info("What a reorg took away is on chain again", fieldsOf(lost, outcome.landing));
    } catch (error) {
      if (context.signal.aborted) return;
      this.#fail(lost, error);
    }
  }

  async idle(): Promise<void> {
    await this.#looking;
  }

  async #lookAt(chain: ChainKey): Promise<void> {
    const { journal, aggregator, context } = this.#modules;
    try {
      const blocks = journal.landings.blocks(chain);
      const { head, gone } = await aggregator.standing({ chain, blocks }, { signal: context.signal });
      const now = context.clock.now();
      for (const { number, hash } of gone) {
        const count = journal.landings.lose(chain, hash, now);
        context.log.warn("A reorg took away what had landed, it is brought on chain again", {
          chain,
          block: number,
          hash,
          count,
        });
      }
      // There may be more blocks than one look takes: those above the last one were not asked for.
      const last = blocks.at(-1)?.number ?? 0n;
      const deep = head - SETTLED_DEPTH;
      journal.landings.settle(chain, deep < last ? deep : last);
    } catch (error) {
      if (context.signal.aborted) return;
      context.log.debug("Cannot look whether what has landed is still there", { chain, cause: serializeError(error) });
    }
  }

  #fail(lost: LostLanding, error: unknown): void {
    const { journal, context } = this.#modules;
    const now = context.clock.now();
    const failure = serializeError(error);
    const age = { attempts: lost.attempts, ageMs: now - lost.lostSinceMs, ttlMs: this.#options.submissionTtlMs };
    const decision = afterFailedSubmission(failure, age, context.random);
    const fields = { ...fieldsOf(lost, undefined), reason: failure.message };
    if (decision.kind === "retry") {
      context.log.warn("What a reorg took away cannot be brought back yet", { ...fields, delayMs: decision.delayMs });
      journal.landings.retry(lost.id, now + decision.delayMs);
      return;
    }
    context.log.error("What a reorg took away is not brought back", fields);
    journal.landings.forget(lost.id);
  }
}

function fieldsOf({ id, chain, landing }: LostLanding, now: Landing | undefined): LogFields {
  return { action: id, chain, lost: landing.txHash, ...(now === undefined ? {} : { hash: now.txHash }) };
}
