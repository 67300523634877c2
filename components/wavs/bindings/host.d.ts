/** The node's own functions (`import host` in `wit/`). */
import type { CosmosChainConfig, EvmChainConfig, Service, Workflow } from "../types.ts";

declare const host: {
  getEvmChainConfig(chainKey: string): EvmChainConfig | null;
  getCosmosChainConfig(chainKey: string): CosmosChainConfig | null;
  configVar(key: string): string | null;
  log(level: { tag: "error" | "warn" | "info" | "debug" | "trace" }, message: string): void;
  getService(): { service: Service; workflowId: string };
  getWorkflow(): { workflow: Workflow; workflowId: string };
  /** The salt exists in the operator world only. */
  getEventId(salt?: Uint8Array | null): Uint8Array;
};
export default host;
