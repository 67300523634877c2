/** A component worker that was taken over and speaks to main, which serves it as it serves any other. */
import assert from "node:assert/strict";
import { createContext } from "@/context/mod.ts";
import { isWavsError, type ServiceId } from "@/domain/mod.ts";
import { componentPermissions } from "@/engine/carriers.ts";
import { WorkerKeyValues } from "@/engine/key_value_calls.ts";
import type { ComponentWorkerBoot, ComponentWorkerMain } from "@/engine/worker_types.ts";
import { DEFAULT_CREDIT, MAX_SERVED_PER_CREDIT } from "@/link/limits.ts";
import { startWorker, type SupervisedWorker } from "@/link/mod.ts";
import { KeyValues, openDatabase } from "@/storage/mod.ts";
import { until } from "@tests/support/until.ts";
import type { TakenOverApi } from "../worker/taken_over_worker.ts";
import { recordingLog, type Stage } from "./stage.ts";
import type { Probe } from "./types.ts";

const PORTS = "message ports" as const;
const SERVICE = "76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11" as ServiceId;
const JOB = 1;
/** Executions beside it in the same worker: each may wait for one key, and together for more than a link serves. */
const OTHER_JOBS = DEFAULT_CREDIT * MAX_SERVED_PER_CREDIT + 1;

/** Calls through the link: refused by their error, and told in the node's log. */
const CALLS: Readonly<Record<string, readonly [source: string, code: string]>> = {
  "calls the constructor of what main serves": [`return await main.constructor({})`, "unknown_method"],
  "calls the prototype of what main serves": [`return await main["__proto__"]({})`, "unknown_method"],
  "calls a method every object has": [`return await main.toString({})`, "unknown_method"],
  "defines a method": [`return await main.__defineGetter__("keyValueRead")`, "unknown_method"],
  "calls what the signer serves": [`return await main.signEnvelope({})`, "unknown_method"],
  "calls what other workers serve": [`return await main.execute({})`, "unknown_method"],
  "names a key that is no text": [read(`{ length: 1 }`), "message_malformed"],
  "names a bucket that is a list": [read(`"k"`, `["b"]`), "message_malformed"],
  "writes what are no bytes": [write(`"text"`), "message_malformed"],
  "writes a buffer instead of bytes": [write(`new ArrayBuffer(8)`), "message_malformed"],
  "adds more than 64 bits": [
    `return await main.keyValueIncrement({ job: 1, bucket: "b", key: "k", delta: 2n ** 64n })`,
    "message_malformed",
  ],
};

/** Messages that are none: the worker is ended and started again, and that is told. */
const MESSAGES: Readonly<Record<string, string>> = {
  "sends nothing": `port.postMessage(undefined)`,
  "sends a text": `port.postMessage("exit")`,
  "sends a list": `port.postMessage([{ type: "hello", credit: 1 }])`,
  "sends a type that is inherited": `port.postMessage({ type: "constructor" })`,
  "sends a method without end": `port.postMessage({ type: "call", id: 1, method: "x".repeat(50_000_000) })`,
  "sends an infinite credit": `port.postMessage({ type: "hello", credit: Infinity })`,
  "sends an error with an object in its metadata": `port.postMessage({ type: "throw", id: 1, error: { code: "x", ` +
    `message: "x", retryable: true, meta: { toString: {} } } })`,
  "sends a log of a level that is inherited": `port.postMessage({ type: "log", level: "constructor", module: "", ` +
    `message: "x", fields: {} })`,
  "sends a log with nested fields": `port.postMessage({ type: "log", level: "warn", module: "", message: "x", ` +
    `fields: { a: { b: 1 } } })`,
  "speaks outside its link": `self.postMessage({ type: "boot-failed", error: { code: "x" } })`,
  "throws where nobody catches": `setTimeout(() => { throw new Error("on purpose") })`,
};

function read(key: string, bucket = `"b"`): string {
  return `return await main.keyValueRead({ job: ${JOB}, bucket: ${bucket}, key: ${key} })`;
}

function write(value: string): string {
  return `return await main.keyValueWrite({ job: ${JOB}, bucket: "b", writes: [["k", ${value}]] })`;
}

export function portProbes(_stage: Stage): Promise<Probe[]> {
  return Promise.resolve([
    ...Object.entries(CALLS).map(([name, [source, code]]) => ({
      category: PORTS,
      name: `a worker ${name}`,
      attempt: () => withWorker((taken) => refusedCall(taken, source, code)),
    })),
    ...Object.entries(MESSAGES).map(([name, source]) => ({
      category: PORTS,
      name: `a worker ${name}`,
      attempt: () => withWorker((taken) => endedWorker(taken, source)),
    })),
    { category: PORTS, name: "a worker calls without end", attempt: () => withWorker(floodCalls) },
    {
      category: PORTS,
      name: "a worker names an execution of another",
      attempt: () =>
        withWorker(async ({ worker }) => {
          const source = `return await main.keyValueRead({ job: 0, bucket: "b", key: "k" })`;
          await assert.rejects(worker.remote.evaluate(source), (error) => isWavsError(error, "execution_over"));
          return { by: "execution_over", record: "nothing to refuse" as const };
        }),
    },
  ]);
}

interface TakenOver {
  readonly worker: SupervisedWorker<TakenOverApi>;
  /** The node's log. */
  readonly log: string[];
}

async function withWorker<T>(work: (taken: TakenOver) => Promise<T>): Promise<T> {
  using database = openDatabase({ path: ":memory:", durability: "process" });
  const keyValues = new WorkerKeyValues(new KeyValues(database));
  const log: string[] = [];
  const shutdown = new AbortController();
  const jobs = Array.from({ length: 1 + OTHER_JOBS }, (_, index) => JOB + index);
  for (const job of jobs) keyValues.begin(job, SERVICE);
  const worker = await startWorker<TakenOverApi, ComponentWorkerMain, ComponentWorkerBoot>({
    name: "component",
    entry: new URL("../worker/taken_over_worker.ts", import.meta.url),
    permissions: () => componentPermissions(undefined),
    logLevel: "warn",
    boot: () => {
      const { port1 } = new MessageChannel();
      return { boot: { runtime: "direct", cacheSize: 1, directory: undefined, egress: port1 }, transfer: [port1] };
    },
  }, { context: createContext({ log: recordingLog(log), signal: shutdown.signal }), handlers: keyValues.handlers });
  try {
    return await work({ worker, log });
  } finally {
    shutdown.abort();
    worker.close();
    for (const job of jobs) keyValues.drop(job);
  }
}

async function refusedCall({ worker, log }: TakenOver, source: string, code: string) {
  await assert.rejects(worker.remote.evaluate(source), (error) => isWavsError(error, code));
  assert.equal(worker.stats().restarts, 0);
  return { by: code, record: log.filter((line) => line.includes("no sound worker")) };
}

async function endedWorker({ worker, log }: TakenOver, source: string) {
  // It may have ended before it can say that it did as it was told.
  await worker.remote.evaluate(source).catch(() => {});
  await until("the worker is started again", () => worker.stats().restarts === 1);
  assert.equal(await worker.remote.evaluate("return 1"), 1, "the next one works");
  return { by: "worker_lost", record: log.filter((line) => line.includes("Worker lost")) };
}

/** Calls of all its executions at once, every one of which waits for a key that another execution holds. */
async function floodCalls({ worker, log }: TakenOver) {
  const source = `
    await main.keyValueIncrement({ job: ${JOB}, bucket: "b", key: "k", delta: 1n });
    for (let id = 1; id <= 2000; id++) {
      const argument = { job: ${JOB} + 1 + id % ${OTHER_JOBS}, bucket: "b", key: "k", delta: 1n };
      port.postMessage({ type: "call", id: 1e6 + id, method: "keyValueIncrement", argument });
    }`;
  await worker.remote.evaluate(source);
  await until("the flood is told", () => log.some((line) => line.includes("calls are waiting already")));
  return { by: "link_overloaded", record: log.filter((line) => line.includes("no sound worker")) };
}
