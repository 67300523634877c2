import { type ChainConfig, type ChainKey, checkChainConfigKey, WavsError } from "@/domain/mod.ts";

type Chains = ReadonlyMap<ChainKey, ChainConfig>;

/** @throws WavsError `chain_unknown` */
export function requireChain(chains: Chains, key: ChainKey): ChainConfig {
  const chain = chains.get(key);
  if (chain !== undefined) return chain;
  const known = [...chains.keys()].join(", ") || "none";
  throw new WavsError("chain_unknown", {
    message: `Config error: missing chain config for ${key} (configured: ${known}); add [default.chains.${
      key.replace(":", ".")
    }] to wavs.toml`,
    retryable: false,
  });
}

/** The rules of spec/wire.md 5.3 for a chain added at run time. @throws WavsError `chain_exists`, `chain_config_mismatch` */
export function checkNewChain(chains: Chains, config: ChainConfig): void {
  if (chains.has(config.key)) {
    throw new WavsError("chain_exists", { message: `Chain already exists: ${config.key}`, retryable: false });
  }
  checkChainConfigKey(config);
}
