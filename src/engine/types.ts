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
  /** Whether the report shall tell which imported functions the guest called. */
  readonly listsHostCalls?: boolean;
}

/**
 * A line the guest logged, or printed to stdout (`info`) or stderr (`warn`); escape-filtered and bounded. A line of
 * `node` says what the node refused it.
 */
export interface GuestLog {
  readonly level: LogLevel;
  readonly message: string;
  readonly stream: "log" | "stdout" | "stderr" | "node";
}

/** What a guest asked for and was not given. */
export type RefusalKind = "http" | "key_value" | "file" | "sockets" | "dns";

/** What an execution cost. Kept for failures too. */
export interface ExecutionReport {
  readonly fuelUsed: bigint;
  readonly elapsedMs: number;
  readonly logs: readonly GuestLog[];
  /** Lines that no longer fitted. */
  readonly droppedLogs: number;
  /** How often the node refused it what; the reasons are among the logs. */
  readonly refusals: ReadonlyMap<RefusalKind, number>;
  /**
   * The imported functions it called, such as `wasi:io/poll#poll`, in the order of the first call. There when the request
   * asked for them and the runtime is "direct".
   */
  readonly hostCalls?: readonly string[];
}

export type ExecutionOutcome =
  | { readonly kind: "responses"; readonly responses: readonly WasmResponse[] }
  | { readonly kind: "actions"; readonly actions: readonly AggregatorAction[] }
  | { readonly kind: "done" };

/**
 * How an execution ended, with what it wrote to key-value storage: nothing unless it succeeded. A failure is data, not an
 * exception, because its report matters as much as that of a success.
 * `error` is a serialized WavsError: `guest_error` (the component returned err), `guest_trap`, `guest_exit`,
 * `out_of_fuel`, `out_of_time`, `missing_event_id_salt`, `invalid_action`, `component_…`.
 */
export type ExecutionResult =
  & {
    readonly report: ExecutionReport;
    /** To be stored together with the result, and to be disposed in any case: it holds the keys that were written. */
    readonly writes: KeyValueWrites;
  }
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
  /**
   * Makes components of active services ready to run while workers idle, as many as a worker keeps. Executions do not
   * have to wait for it; what fails is logged.
   */
  warmUp(services: Iterable<Service>): Promise<void>;
  digests(): Promise<readonly ComponentDigest[]>;
  /**
   * Runs a component. Rejects only when the engine itself fails (`worker_lost`, `engine_busy`,
   * `service_files_unavailable`: retryable). The caller stores the result's writes, if it keeps the result, and
   * disposes them.
   */
  execute(request: ExecuteRequest, signal?: AbortSignal): Promise<ExecutionResult>;
  load(): EngineLoad;
  /** Fetches for the node itself: service documents. */
  fetchBytes: FetchBytes;
  /** Ends what runs for a service, then deletes the files and key-values its components wrote. */
  removeServiceData(serviceId: ServiceId): Promise<void>;
  /**
   * Removes what a crash left without an owner: files that were being written, and the files and key-values of services
   * other than these. Only while nothing runs. What cannot be removed is logged and left to the next start.
   */
  sweep(services: ReadonlySet<ServiceId>): Promise<void>;
}

/** What an engine has to do at one moment. */
export interface EngineLoad {
  /** Executions in a worker. */
  readonly running: number;
  /** Executions that wait for a place in a worker, or for memory. */
  readonly waiting: number;
  /** Workers that serve all services. */
  readonly workers: number;
  /** All that those in a worker may have together, and what they may have at most. */
  readonly promisedMemoryBytes: number;
  readonly maxMemoryBytes: number;
}

/** Remembers what the files of the cache of metered modules were, where whoever can change the files cannot. */
export interface MeteredFiles {
  get(digest: ComponentDigest, engine: string): MeteredFile | undefined;
  put(digest: ComponentDigest, engine: string, file: MeteredFile): void;
  /** Forgets what other engines made. */
  keepOnly(engine: string): void;
}

export interface MeteredFile {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Key-value storage of components, one namespace per service (spec/engine.md 2.7). Main keeps it; what an execution
 * writes is its own until it is stored together with the execution's result.
 */
export interface KeyValueStore {
  /** Begins an execution of a service. Whoever does must dispose it, stored or not. */
  begin(serviceId: ServiceId): KeyValueTransaction;
  /** Deletes everything a service keeps. */
  clear(serviceId: ServiceId): void;
  /** The services that keep something. */
  owners(): readonly ServiceId[];
}

/** What an execution wrote and nobody else sees yet. Disposing it drops what was not stored. */
export interface KeyValueWrites extends Disposable {
  /** Commits, as part of the database transaction it is called in, or in one of its own. At most once. */
  store(): void;
}

/**
 * One execution's view of its service's keys. Writes may have to wait for another execution that wrote the same key.
 *
 * @throws WavsError `key_value_refused` (a limit; the guest can go on), `key_value_conflict` (the execution must end and
 * be tried again)
 */
export interface KeyValueTransaction extends KeyValueWrites {
  /** Whether it waits for a key that another execution has written. */
  readonly isWaiting: boolean;
  read(bucket: string, key: string): VersionedValue;
  /** As `read`, without the value. */
  version(bucket: string, key: string): ValueVersion;
  /** Keys ≥ `cursor` in byte order, at most a page; `cursor` of the answer is the first key of the next page. */
  listKeys(bucket: string, cursor: string | undefined): KeyPage;
  /** Sets and, where the value is `undefined`, deletes; all or nothing. */
  write(bucket: string, writes: readonly KeyValueWrite[]): Promise<void>;
  /** Counters are apart from values: adds and returns the sum. */
  increment(bucket: string, key: string, delta: bigint): Promise<bigint>;
  /** Sets a value only if its version still is `seen`; answers the version that stands there now. */
  swap(bucket: string, key: string, change: KeyValueSwap): Promise<SwapOutcome>;
}

/** Another number with every write of a value; `undefined` while there is none. */
export type ValueVersion = number | undefined;

export interface VersionedValue {
  readonly value: Uint8Array | undefined;
  readonly version: ValueVersion;
}

/** A key and its new value; `undefined` deletes it. */
export type KeyValueWrite = readonly [key: string, value: Uint8Array | undefined];

export interface KeyPage {
  readonly keys: readonly string[];
  readonly cursor: string | undefined;
}

export interface KeyValueSwap {
  readonly seen: ValueVersion;
  readonly value: Uint8Array;
}

export interface SwapOutcome {
  readonly swapped: boolean;
  readonly version: ValueVersion;
}
