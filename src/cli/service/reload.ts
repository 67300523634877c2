import type { Config, LoadedConfig } from "@/config/mod.ts";
import type { Logger } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import type { ReloadOutcome } from "@/running_config.ts";
import type { ServiceManager } from "./notify.ts";

export interface ReloaderModules {
  readonly log: Logger;
  readonly manager: ServiceManager;
  /** Reads the configuration again. @throws WavsError what is wrong with it */
  readonly load: () => LoadedConfig;
  readonly node: { reload(next: Config): Promise<ReloadOutcome> };
}

/** Reads the configuration again whenever it is told to, one time after the other. */
export class Reloader {
  readonly #modules: ReloaderModules;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(modules: ReloaderModules) {
    this.#modules = modules;
  }

  /** Several in a row are one: what counts is the file at the time of the last. Never fails. */
  request(): Promise<void> {
    this.#again = true;
    return this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#reload();
    }
  }

  /**
   * Without `MONOTONIC_USEC`, which only units of the type `notify-reload` need: it is a time since the machine was
   * started, that no clock of the runtime tells, and the unit says itself how to reload.
   */
  async #reload(): Promise<void> {
    const { manager } = this.#modules;
    await manager.tell({ RELOADING: "1", STATUS: "Reading the configuration again" });
    const status = await this.#takeOver();
    await manager.tell({ READY: "1", STATUS: status });
  }

  /** @returns what to show of it */
  async #takeOver(): Promise<string> {
    const { load, log, node } = this.#modules;
    try {
      const { config, notes } = load();
      const { applied, needRestart } = await node.reload(config);
      for (const { level, message } of notes) if (level === "warn") log.warn(message);
      const fields = { applied: applied.join(", ") || "nothing", needRestart: needRestart.join(", ") || "nothing" };
      log[needRestart.length === 0 ? "info" : "warn"]("Configuration read again", fields);
      return `Configuration read again: in force ${fields.applied}; needs a restart ${fields.needRestart}`;
    } catch (error) {
      const reason = describeError(error);
      log.error("The new configuration is not used, the one before stays in force; correct it and reload again", {
        reason,
      });
      return `The new configuration is not used: ${reason}`;
    }
  }
}
