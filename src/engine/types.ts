import type { ChainConfig } from "@/domain/chain_config.ts";
import type { ComponentDigest, EventId, ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { Component, Service } from "@/domain/service.ts";
import type { AggregatorAction, TxResult, WasmResponse } from "@/domain/submission.ts";
import type { TriggerAction } from "@/domain/trigger.ts";
import type { LogLevel } from "@/context/mod.ts";
import type { SerializedError } from "@/domain/errors.ts";

/** The two worlds a component can be built for (spec/engine.md 1.1). */
export type World = "operator" | "aggregator";

/** Which export runs and with what. */
export type Invocation =
  | { readonly kind: "run" }
  | { readonly kind: "process-input"; readonly response: WasmResponse; readonly eventId: EventId }
  | { readonly kind: "handle-timer-callback"; readonly response: WasmResponse; readonly eventId: EventId }
  | {
    readonly kind: "handle-submit-callback";
    readonly response: WasmResponse;
    readonly eventId: EventId;
    readonly result: TxResult;
  };

/** One execution: a fresh instance of the workflow's operator or aggregator component. */
export interface ExecuteRequest {
  readonly serviceId: ServiceId;
  /** The definition as it was when the execution was queued; the guest sees this snapshot. */
  readonly service: Service;
  readonly workflowId: WorkflowId;
  readonly action: TriggerAction;
  readonly invocation: Invocation;
  /** The chains the guest may ask about, a snapshot too. */
  readonly chains: readonly ChainConfig[];
}

/** A line the guest logged, or printed to stdout (`info`) or stderr (`warn`); escape-filtered and bounded. */
export interface GuestLog {
  readonly level: LogLevel;
  readonly message: string;
  readonly stream: "log" | "stdout" | "stderr";
}

/** What an execution cost. Kept for failures too. */
export interface ExecutionReport {
  readonly fuelUsed: bigint;
  readonly elapsedMs: number;
  readonly logs: readonly GuestLog[];
  /** Lines that no longer fitted. */
  readonly droppedLogs: number;
}

export type ExecutionOutcome =
  | { readonly kind: "responses"; readonly responses: readonly WasmResponse[] }
  | { readonly kind: "actions"; readonly actions: readonly AggregatorAction[] }
  | { readonly kind: "done" };

/**
 * How an execution ended. A failure is data, not an exception, because its report matters as much as that of a success.
 * `error` is a serialized WavsError: `guest_error` (the component returned err), `guest_trap`, `guest_exit`,
 * `out_of_fuel`, `out_of_time`, `missing_event_id_salt`, `invalid_action`, `component_…`.
 */
export type ExecutionResult =
  & { readonly report: ExecutionReport }
  & (
    | { readonly ok: true; readonly outcome: ExecutionOutcome }
    | { readonly ok: false; readonly error: SerializedError }
  );

/** Fetches bytes from outside in the egress worker, under its address policy. */
export type FetchBytes = (
  request: { readonly uri: string; readonly maxBytes: number; readonly timeoutMs: number },
) => Promise<{ readonly bytes: Uint8Array }>;

/** The engine as main sees it. */
export interface Engine extends AsyncDisposable {
  /**
   * Checks that `bytes` are a component of one of the two worlds, stores them under their digest and returns it.
   *
   * @throws WavsError `component_invalid`, `component_import_unknown`, … naming what is wrong
   */
  upload(bytes: Uint8Array): Promise<ComponentDigest>;
  /**
   * Makes a workflow's component ready to run in `world`: fetched when its source says where from, digest compared,
   * stored, its imports checked against world and permissions, metered.
   *
   * @throws WavsError `component_unknown`, `component_digest_mismatch`, `component_import_unknown`, …
   */
  prepare(component: Component, world: World): Promise<void>;
  digests(): Promise<readonly ComponentDigest[]>;
  /** Runs a component. Rejects only when the engine itself fails (`worker_lost`, retryable). */
  execute(request: ExecuteRequest, signal?: AbortSignal): Promise<ExecutionResult>;
  /** Fetches for the node itself: service documents. */
  fetchBytes: FetchBytes;
  /** Deletes the files a service's components wrote. */
  removeServiceFiles(serviceId: ServiceId): Promise<void>;
}

/** Key-value storage of components, one namespace per service; main keeps it (spec/engine.md 2.7). */
export interface KeyValueStore {
  get(entry: KeyValueEntry): Uint8Array | undefined;
  set(entry: KeyValueEntry, value: Uint8Array): void;
  delete(entry: KeyValueEntry): void;
  /** Keys ≥ `cursor` in byte order, at most a page; `cursor` of the answer is the first key of the next page. */
  listKeys(
    bucket: KeyValueBucket,
    cursor: string | undefined,
  ): { readonly keys: readonly string[]; readonly cursor: string | undefined };
  /** Counters are apart from values: adds and returns the sum. */
  increment(entry: KeyValueEntry, delta: bigint): bigint;
  /** Writes only if the value still is `expected`; tells whether it did. */
  compareAndSwap(entry: KeyValueEntry, expected: Uint8Array | undefined, value: Uint8Array): boolean;
}

export interface KeyValueBucket {
  readonly serviceId: ServiceId;
  readonly bucket: string;
}

export interface KeyValueEntry extends KeyValueBucket {
  readonly key: string;
}
