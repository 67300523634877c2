import { isDeepStrictEqual } from "node:util";
import type { ChainConfig, ChainKey } from "@/domain/mod.ts";
import { SETTINGS } from "./settings.ts";
import type { Config } from "./types.ts";

/** How a configuration differs from the one a node runs with. */
export interface ConfigChanges {
  readonly logLevel: boolean;
  readonly newChains: readonly ChainConfig[];
  /** Everything else that differs, as keys of wavs.toml; never a value, which may be a secret. */
  readonly otherKeys: readonly string[];
}

/** Members of {@link Config} that stand in a table of wavs.toml, and where. */
const KEYS_IN_TABLES = {
  burnedQueueTtlSecs: "aggregator.burned_queue_ttl_secs",
  submitOrder: "aggregator.submit",
  submitDelayMs: "aggregator.submit_delay_ms",
  engineRuntime: "engine.runtime",
  missedTriggers: "triggers.missed",
} as const satisfies Partial<Record<keyof Config, string>>;

/** What has changed from `running` to `next`. */
export function changesOf(running: Config, next: Config): ConfigChanges {
  const names = Object.keys(next) as (keyof Config)[];
  const differing = names.filter((name) => name !== "chains" && !isDeepStrictEqual(running[name], next[name]));
  const known = new Map(running.chains.map((chain) => [chain.key, chain]));
  const wanted = new Map(next.chains.map((chain) => [chain.key, chain]));
  const changedChains = [...known].filter(([key, chain]) => !isDeepStrictEqual(chain, wanted.get(key)));
  return {
    logLevel: differing.includes("logLevel"),
    newChains: next.chains.filter(({ key }) => !known.has(key)),
    otherKeys: [
      ...differing.filter((name) => name !== "logLevel").map(keyOf),
      ...changedChains.map(([key]) => keyOfChain(key)),
    ],
  };
}

/** `chains.evm.1`, for the chain `evm:1`. */
export function keyOfChain(chain: ChainKey): string {
  return `chains.${chain.replace(":", ".")}`;
}

function keyOf(name: keyof Config): string {
  if (Object.hasOwn(KEYS_IN_TABLES, name)) return KEYS_IN_TABLES[name as keyof typeof KEYS_IN_TABLES];
  return SETTINGS[name as keyof typeof SETTINGS].key;
}
