import type { ChainKey, ComponentDigest, CosmosAddress, EvmAddress, WorkflowId } from "./ids.ts";
import type { Trigger } from "./trigger.ts";

/** The contract that owns a service; it alone decides the {@link ServiceId} (spec/wire.md 1.2, 2.1). */
export type ServiceManager =
  | { readonly kind: "evm"; readonly chain: ChainKey; readonly address: EvmAddress }
  | { readonly kind: "cosmos"; readonly chain: ChainKey; readonly address: CosmosAddress };

export type ServiceStatus = "active" | "paused";

/** A service definition (spec/wire.md 2.1). Maps are held in UTF-8 byte order of their keys. */
export interface Service {
  readonly name: string;
  readonly workflows: ReadonlyMap<WorkflowId, Workflow>;
  readonly status: ServiceStatus;
  readonly manager: ServiceManager;
}

export interface Workflow {
  readonly trigger: Trigger;
  readonly component: Component;
  readonly submit: Submit;
}

/** Where a component comes from, what it may do and how it is configured (spec/wire.md 2.2). */
export interface Component {
  readonly source: ComponentSource;
  readonly permissions: Permissions;
  /** Unset means the node's own ceiling. */
  readonly fuelLimit: bigint | undefined;
  readonly timeLimitSeconds: bigint | undefined;
  readonly config: ReadonlyMap<string, string>;
  /** Sorted, without duplicates. */
  readonly envKeys: readonly string[];
}

export type ComponentSource =
  | { readonly kind: "download"; readonly uri: string; readonly digest: ComponentDigest }
  | {
    readonly kind: "registry";
    readonly digest: ComponentDigest;
    readonly domain: string | undefined;
    readonly version: string | undefined;
    /** `namespace:name` */
    readonly package: string;
  }
  | { readonly kind: "digest"; readonly digest: ComponentDigest };

export interface Permissions {
  readonly allowedHttpHosts: AllowedHosts;
  readonly fileSystem: boolean;
  readonly rawSockets: boolean;
  readonly dnsResolution: boolean;
}

export type AllowedHosts =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | { readonly kind: "only"; readonly hosts: readonly string[] };

/** What happens with a response: nothing, or sign it and let an aggregator component decide (spec/wire.md 2.4). */
export type Submit =
  | { readonly kind: "none" }
  | { readonly kind: "aggregator"; readonly component: Component; readonly signatureKind: SignatureKind };

export interface SignatureKind {
  readonly algorithm: "secp256k1";
  readonly prefix: "eip191" | undefined;
}
