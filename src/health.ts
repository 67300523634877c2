import type { ChainHealth } from "@/aggregator/types.ts";
import type { Context } from "@/context/mod.ts";
import { type ChainKey, describeError, WavsError } from "@/domain/mod.ts";

/** How old an answer of `/health` may be; checks run in the background, never on behalf of a caller. */
const HEALTH_INTERVAL_MS = 15_000;

export interface HealthCheckOptions {
  /** spec/wire.md 6.6 */
  readonly mode: "bypass" | "wait" | "exit";
}

export interface HealthCheckModules {
  readonly context: Context;
  readonly check: () => Promise<readonly ChainHealth[]>;
}

export interface HealthStatus {
  /** When the checks were complete. */
  readonly timestampSeconds: number;
  /** Chain → what is wrong with it, or `undefined` when nothing is. */
  readonly chains: ReadonlyMap<ChainKey, string | undefined>;
}

/** Knows how the chains are, without making whoever asks wait for them. */
export class HealthCheck implements AsyncDisposable {
  readonly #options: HealthCheckOptions;
  readonly #modules: HealthCheckModules;
  readonly #closed = new AbortController();
  #latest: HealthStatus = { timestampSeconds: 0, chains: new Map() };
  #looping: Promise<void> = Promise.resolve();

  constructor(options: HealthCheckOptions, modules: HealthCheckModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** Runs the first checks as the mode says and goes on in the background. @throws WavsError `chain_unhealthy` (`exit`) */
  async atStart(): Promise<void> {
    if (this.#options.mode !== "bypass") await this.#refresh();
    if (this.#options.mode === "exit") {
      const error = [...this.#latest.chains.values()].find((problem) => problem !== undefined);
      if (error !== undefined) {
        throw new WavsError("chain_unhealthy", {
          message: `Cannot start because a chain is not healthy and health_check_mode is "exit": ${error}`,
          retryable: true,
        });
      }
    }
    this.#looping = this.#loop();
  }

  /** The latest answer; the very first one is waited for. */
  async latest(): Promise<HealthStatus> {
    if (this.#latest.timestampSeconds === 0) await this.#refresh();
    return this.#latest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#looping;
  }

  async #loop(): Promise<void> {
    const { clock } = this.#modules.context;
    while (!this.#closed.signal.aborted) {
      await clock.sleep(HEALTH_INTERVAL_MS, this.#closed.signal);
      if (!this.#closed.signal.aborted) await this.#refresh();
    }
  }

  async #refresh(): Promise<void> {
    const { context, check } = this.#modules;
    try {
      const chains = new Map((await check()).map(({ chain, error }) => [chain, error]));
      for (const [chain, error] of chains) {
        if (error !== undefined && this.#latest.chains.get(chain) === undefined) {
          context.log.warn("Chain is not healthy", { chain, reason: error });
        }
      }
      this.#latest = { timestampSeconds: Math.floor(context.clock.now() / 1000), chains };
    } catch (error) {
      context.log.warn("The chains cannot be checked", { reason: describeError(error) });
    }
  }
}
