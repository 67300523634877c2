import type { ComponentArtifact, ComponentRuntimeName } from "./component/types.ts";
import type { Component, ComponentDigest } from "@/domain/mod.ts";
import type {
  ExecuteRequest,
  ExecutionResult,
  KeyPage,
  KeyValueSwap,
  KeyValueWrite,
  SwapOutcome,
  ValueVersion,
  VersionedValue,
  World,
} from "./types.ts";

/** What a component worker is started with. */
export interface ComponentWorkerBoot {
  readonly runtime: ComponentRuntimeName;
  /** Linked components it keeps ready. */
  readonly cacheSize: number;
  /** The directory of the one service it is kept for, absolute; absent in a worker for everybody. */
  readonly directory: string | undefined;
  /** Leads to the egress worker. */
  readonly egress: MessagePort;
}

/** A component as it is linked: the same bytes with other grants are linked apart. */
export interface ComponentKey {
  readonly digest: ComponentDigest;
  readonly world: World;
  /** Whether `wasi:http` is there to be imported. */
  readonly http: boolean;
}

export interface Job {
  readonly id: number;
  readonly component: ComponentKey;
  readonly request: ExecuteRequest;
  /** The host variables this component may see, with their values. */
  readonly environment: readonly (readonly [string, string])[];
  readonly fuel: bigint;
  readonly timeoutMs: number;
  /** Non-zero at index 0 ends the execution, busy or not. */
  readonly killFlag: SharedArrayBuffer;
}

/** What a worker knows of an execution's end; what it wrote is in main. */
export type JobResult = DistributiveOmit<ExecutionResult, "writes">;

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** What the preparer is started with. */
export interface PreparerBoot {
  readonly runtime: ComponentRuntimeName;
  readonly maxMemoryBytes: number;
}

/** What the preparer serves to main. */
export interface PreparerApi {
  /** Parses, plans, meters and compiles; the artefact can be posted to component workers. */
  prepare(request: PrepareRequest): PreparedComponent;
}

export interface PrepareRequest {
  /** A component. */
  readonly bytes: Uint8Array;
  /** What an earlier answer for these bytes had as `metered`; spares metering them again. */
  readonly metered?: Uint8Array | undefined;
}

export interface PreparedComponent {
  readonly artifact: ComponentArtifact;
  /** The metered core modules (`metered_file.ts`), when they were made now and can be kept. */
  readonly metered: Uint8Array | undefined;
}

/** What a component worker serves to main. */
export interface ComponentWorkerApi {
  /** Checks an artefact against its world and keeps it ready. */
  link(request: { readonly key: ComponentKey; readonly artifact: ComponentArtifact }): void;
  /** Runs a linked component; fails with `component_not_linked` when it is not there any more. */
  execute(job: Job): JobResult;
}

/** What main serves to a component worker: the key-value storage of the service an execution belongs to. */
export interface ComponentWorkerMain {
  keyValueRead(request: KeyValueCall): VersionedValue;
  keyValueVersion(request: KeyValueCall): ValueVersion;
  keyValueReadMany(
    request: BucketCall & { readonly keys: readonly string[] },
  ): readonly (Uint8Array | undefined)[];
  keyValueList(request: BucketCall & { readonly cursor: string | undefined }): KeyPage;
  keyValueWrite(request: BucketCall & { readonly writes: readonly KeyValueWrite[] }): void;
  keyValueIncrement(request: KeyValueCall & { readonly delta: bigint }): bigint;
  keyValueSwap(request: KeyValueCall & KeyValueSwap): SwapOutcome;
}

/** Names the execution, not the service: main knows which service that is, so a worker cannot ask for another's. */
export interface BucketCall {
  readonly job: number;
  readonly bucket: string;
}

export interface KeyValueCall extends BucketCall {
  readonly key: string;
}

export function componentKeyOf(component: Component, world: World): ComponentKey {
  return { digest: component.source.digest, world, http: component.permissions.allowedHttpHosts.kind !== "none" };
}

/** One text per key, for maps. */
export function componentKeyText({ digest, world, http }: ComponentKey): string {
  return `${digest}/${world}/${http ? "http" : "-"}`;
}
