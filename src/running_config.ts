import { isDeepStrictEqual } from "node:util";
import { changesOf, type Config, keyOfChain } from "@/config/mod.ts";
import type { Logger, LogLevel } from "@/context/mod.ts";
import { type ChainConfig, describeError } from "@/domain/mod.ts";
import type { Roster } from "@/link/mod.ts";
import type { ServiceRegistry } from "@/services/types.ts";

/** What became of a configuration that was given to a node that runs, as keys of wavs.toml. */
export interface ReloadOutcome {
  readonly applied: readonly string[];
  readonly needRestart: readonly string[];
}

export interface RunningConfigModules {
  readonly log: Logger;
  readonly workers: Roster;
  readonly services: Pick<ServiceRegistry, "chain" | "addChain">;
  /** Sets what is logged; returns the most a worker is to say. */
  readonly reconfigureLog: (config: Config) => LogLevel;
}

/**
 * The configuration a node runs with. Log levels and new chains can change while it does; everything else is what parts
 * of it were started with, and for them a restart is the honest way.
 */
export class RunningConfig {
  readonly #modules: RunningConfigModules;
  #current: Config;

  constructor(config: Config, modules: RunningConfigModules) {
    this.#current = config;
    this.#modules = modules;
  }

  get current(): Config {
    return this.#current;
  }

  /** Takes over what can be. @throws WavsError `log_directive_invalid`; nothing is changed then */
  async reload(next: Config): Promise<ReloadOutcome> {
    const { reconfigureLog, workers } = this.#modules;
    const { logLevel, newChains, otherKeys } = changesOf(this.#current, next);
    // First, since it is refused as a whole, and because of the secrets in the new endpoints.
    workers.setLogLevel(reconfigureLog(next));
    const applied = logLevel ? ["log_level"] : [];
    const needRestart = [...otherKeys];
    const added: ChainConfig[] = [];
    for (const chain of newChains) {
      const isAdded = await this.#addChain(chain);
      (isAdded ? applied : needRestart).push(keyOfChain(chain.key));
      if (isAdded) added.push(chain);
    }
    // What needs a restart is compared with what runs the next time, too.
    this.#current = { ...this.#current, logLevel: next.logLevel, chains: [...this.#current.chains, ...added] };
    return { applied, needRestart };
  }

  async #addChain(chain: ChainConfig): Promise<boolean> {
    const { log, services } = this.#modules;
    try {
      // It may have been added over the API since.
      if (services.chain(chain.key) === undefined) await services.addChain(chain);
      return isDeepStrictEqual(services.chain(chain.key), chain);
    } catch (error) {
      log.error("A chain of the new configuration cannot be used", { chain: chain.key, reason: describeError(error) });
      return false;
    }
  }
}
