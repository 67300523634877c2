import { type ServiceId, WavsError } from "@/domain/mod.ts";
import type { Handlers } from "@/link/mod.ts";
import { refused, requireBatch, requireBatchBytes, requireName, requireValue } from "./key_value_rules.ts";
import { MAX_KEY_VALUE_OPERATIONS, MAX_KEY_VALUE_OPERATIONS_IN_FLIGHT } from "./limits.ts";
import type { ExecutionResult, KeyValueStore, KeyValueTransaction, KeyValueWrite, KeyValueWrites } from "./types.ts";
import type { BucketCall, ComponentWorkerMain, JobResult } from "./worker_types.ts";

/** What an execution wrote that failed. */
export const NOTHING_WRITTEN: KeyValueWrites = { store: () => {}, [Symbol.dispose]: () => {} };

interface OpenExecution {
  readonly transaction: KeyValueTransaction;
  operations: number;
  inFlight: number;
}

/**
 * Key-value storage for the executions of one worker. What the worker says is not believed: an execution it names must
 * run in it, and every argument has its type and size checked, as if a guest had taken the worker over.
 */
export class WorkerKeyValues {
  readonly handlers: Handlers<ComponentWorkerMain>;
  readonly #store: KeyValueStore;
  readonly #executions = new Map<number, OpenExecution>();

  constructor(store: KeyValueStore) {
    this.#store = store;
    this.handlers = this.#createHandlers();
  }

  /** Begins an execution, for {@link end} or {@link drop} to end. */
  begin(job: number, serviceId: ServiceId): void {
    this.#executions.set(job, { transaction: this.#store.begin(serviceId), operations: 0, inFlight: 0 });
  }

  /** Ends an execution: what it wrote is the caller's if it succeeded, and dropped if it did not. */
  end(job: number, result: JobResult): ExecutionResult {
    const { transaction } = this.#require(job);
    if (result.ok) {
      this.#executions.delete(job);
      return { ...result, writes: transaction };
    }
    const { isWaiting } = transaction;
    this.drop(job);
    const error = isWaiting && result.error.code === "out_of_time" ? { ...result.error, ...WAITED } : result.error;
    return { ...result, error, writes: NOTHING_WRITTEN };
  }

  /** Drops what an execution wrote, unless it has ended. */
  drop(job: number): void {
    const execution = this.#executions.get(job);
    this.#executions.delete(job);
    execution?.transaction[Symbol.dispose]();
  }

  #createHandlers(): Handlers<ComponentWorkerMain> {
    return {
      keyValueRead: (call) => this.#perform(call, (keys, bucket) => keys.read(bucket, name(call.key))),
      keyValueVersion: (call) => this.#perform(call, (keys, bucket) => keys.version(bucket, name(call.key))),
      keyValueReadMany: (call) => this.#perform(call, (keys, bucket) => readMany(keys, bucket, call.keys)),
      keyValueList: (call) =>
        this.#perform(call, (keys, bucket) => {
          return keys.listKeys(bucket, call.cursor === undefined ? undefined : name(call.cursor));
        }),
      keyValueWrite: (call) => this.#perform(call, (keys, bucket) => keys.write(bucket, writes(call.writes))),
      keyValueIncrement: (call) =>
        this.#perform(call, (keys, bucket) => keys.increment(bucket, name(call.key), integer(call.delta))),
      keyValueSwap: (call) =>
        this.#perform(call, (keys, bucket) => {
          return keys.swap(bucket, name(call.key), { seen: call.seen, value: bytes(call.value) });
        }),
    };
  }

  async #perform<T>(
    call: BucketCall,
    operation: (transaction: KeyValueTransaction, bucket: string) => T | Promise<T>,
  ): Promise<T> {
    const execution = this.#require(call.job);
    if (++execution.operations > MAX_KEY_VALUE_OPERATIONS) {
      throw refused(`one execution may do at most ${MAX_KEY_VALUE_OPERATIONS} of them`);
    }
    if (execution.inFlight >= MAX_KEY_VALUE_OPERATIONS_IN_FLIGHT) {
      throw refused(`one execution may have at most ${MAX_KEY_VALUE_OPERATIONS_IN_FLIGHT} of them under way`);
    }
    execution.inFlight++;
    try {
      return await operation(execution.transaction, name(call.bucket));
    } finally {
      execution.inFlight--;
    }
  }

  #require(job: number): OpenExecution {
    const execution = this.#executions.get(job);
    if (execution !== undefined) return execution;
    throw new WavsError("execution_over", { message: `Execution ${job} is not under way here`, retryable: false });
  }
}

/** Its time was spent waiting for another execution: that says nothing about this one. */
const WAITED = {
  code: "key_value_conflict",
  message: "The execution ran out of time while it waited for a key that another execution had written",
  retryable: true,
} as const;

function readMany(
  transaction: KeyValueTransaction,
  bucket: string,
  keys: readonly string[],
): readonly (Uint8Array | undefined)[] {
  const names = requireBatch(list(keys).map((key): KeyValueWrite => [name(key), undefined]));
  let total = 0;
  return names.map(([key]) => {
    const { value } = transaction.read(bucket, key);
    requireBatchBytes(total += value?.length ?? 0);
    return value;
  });
}

function writes(value: readonly KeyValueWrite[]): readonly KeyValueWrite[] {
  return requireBatch(
    list(value).map(([key, written]): KeyValueWrite => [name(key), written === undefined ? undefined : bytes(written)]),
  );
}

function list<T>(value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw malformed("a list");
  return value;
}

function name(value: unknown): string {
  if (typeof value !== "string") throw malformed("a name");
  return requireName(value);
}

/** A copy, since the worker may have kept a hand on the memory behind it. */
function bytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed("bytes");
  return new Uint8Array(requireValue(value));
}

function integer(value: unknown): bigint {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) throw malformed("a 64-bit integer");
  return value;
}

function malformed(wanted: string): WavsError {
  return new WavsError("message_malformed", {
    message: `A component worker sent something else where ${wanted} belongs`,
    retryable: false,
  });
}
