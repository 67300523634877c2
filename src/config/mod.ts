export { changesOf, type ConfigChanges, keyOfChain } from "./changes.ts";
export { DEFAULT_IPFS_GATEWAY } from "./limits.ts";
export { loadConfig, type LoadedConfig, type LoadOptions } from "./load.ts";
export { redactedConfig, secretsOf } from "./redact.ts";
export { helpText, runFlags } from "./settings.ts";
export type { Config, ConfigNote, P2pConfig } from "./types.ts";
