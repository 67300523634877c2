import type { LogLevel } from "@/context/mod.ts";
import {
  type ChainConfig,
  type Component,
  type EventId,
  eventIdOf,
  eventSalt,
  hexToBytes,
  parseChainKey,
} from "@/domain/mod.ts";
import type { HostInterface } from "../component/types.ts";
import type { GuestLogs } from "../guest_logs.ts";
import type { ExecuteRequest } from "../types.ts";
import { serviceToWit, workflowToWit } from "./service_to_wit.ts";

export interface HostModules {
  readonly logs: GuestLogs;
}

/**
 * The `host` interface of both worlds (spec/engine.md 1.4). Nothing here waits, fails or traps: what is not known is
 * `none`.
 *
 * @param component the one that executes: its `config` is all that `config-var` shows
 */
export function createHost(request: ExecuteRequest, component: Component, { logs }: HostModules): HostInterface {
  const { service, workflowId } = request;
  const workflow = service.workflows.get(workflowId);
  if (workflow === undefined) throw new Error(`workflow "${workflowId}" was looked up before`);
  const chains = new Map<string, ChainConfig>(request.chains.map((chain) => [chain.key, chain]));
  return {
    getEvmChainConfig: (key: string) => evmChainConfig(chainOf(chains, key)),
    getCosmosChainConfig: (key: string) => cosmosChainConfig(chainOf(chains, key)),
    configVar: (key: string) => component.config.get(key),
    log: (level: { readonly tag: LogLevel }, message: string) => logs.add({ level: level.tag, message, stream: "log" }),
    getService: () => ({ service: serviceToWit(service), workflowId }),
    getWorkflow: () => ({ workflow: workflowToWit(workflow), workflowId }),
    getEventId: request.invocation.kind === "run"
      ? (salt: Uint8Array | undefined) => operatorEventId(request, salt)
      : knownEventId(request.invocation.eventId),
  };
}

function operatorEventId(request: ExecuteRequest, salt: Uint8Array | undefined): Uint8Array {
  const { serviceId, workflowId, action } = request;
  return hexToBytes(eventIdOf({ serviceId, workflowId, salt: eventSalt(action.data, salt) }));
}

function knownEventId(eventId: EventId): () => Uint8Array {
  return () => hexToBytes(eventId);
}

function chainOf(chains: ReadonlyMap<string, ChainConfig>, key: string): ChainConfig | undefined {
  try {
    return chains.get(parseChainKey(key));
  } catch {
    // What is no chain key is no chain either; the guest is told `none`.
    return undefined;
  }
}

function evmChainConfig(chain: ChainConfig | undefined): unknown {
  if (chain?.kind !== "evm") return undefined;
  return { chainId: chain.chainId, wsEndpoints: chain.wsEndpoints, httpEndpoint: chain.httpEndpoint };
}

function cosmosChainConfig(chain: ChainConfig | undefined): unknown {
  if (chain?.kind !== "cosmos") return undefined;
  return {
    chainId: chain.chainId,
    rpcEndpoint: chain.rpcEndpoint,
    grpcEndpoint: chain.grpcEndpoint,
    grpcWebEndpoint: undefined,
    gasPrice: chain.gasPrice,
    gasDenom: chain.gasDenom,
    bech32Prefix: chain.bech32Prefix,
  };
}
