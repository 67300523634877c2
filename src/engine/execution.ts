import type { Context } from "@/context/mod.ts";
import { type AllowedHosts, type Component, type SerializedError, serializeError, WavsError } from "@/domain/mod.ts";
import type { Remote } from "@/link/mod.ts";
import type { ComponentRuntime, HostImports, LoadedComponent } from "./component/types.ts";
import type { EgressApi } from "./egress/types.ts";
import { GuestLogs } from "./guest_logs.ts";
import {
  actionsFromWit,
  aggregatorInputToWit,
  createHost,
  responsesFromWit,
  triggerActionToWit,
  txResultToWit,
  type WitAggregatorAction,
  type WitResult,
  type WitWasmResponse,
} from "./host/mod.ts";
import { networkOf } from "./network_calls.ts";
import { Budget } from "./metering/mod.ts";
import type { ExecutionOutcome } from "./types.ts";
import { createCli } from "./wasi/cli.ts";
import { createClocks } from "./wasi/clocks.ts";
import { ioErrorInterface } from "./wasi/error.ts";
import { createFilesystem } from "./wasi/filesystem.ts";
import { createHttp } from "./wasi/http.ts";
import type { HttpBackend, HttpExchange } from "./wasi/http_backend.ts";
import { createKeyValue, KEY_VALUE_ASYNC_IMPORTS, type KeyValueBackend } from "./wasi/keyvalue.ts";
import { createPoll } from "./wasi/poll.ts";
import { randomInterfaces } from "./wasi/random.ts";
import { GuestScope } from "./wasi/scope.ts";
import type { ServiceDirectory } from "./wasi/service_directory.ts";
import { createSockets } from "./wasi/sockets.ts";
import { streamsInterface } from "./wasi/streams.ts";
import { createTls } from "./wasi/tls.ts";
import type { ComponentWorkerMain, Job, JobResult } from "./worker_types.ts";

/** Functions of the host that answer with a promise; the others answer at once. */
export const ASYNC_IMPORTS: ReadonlySet<string> = new Set([
  "wasi:io/poll#poll",
  "wasi:io/poll#[method]pollable.block",
  "wasi:io/streams#[method]input-stream.blocking-read",
  "wasi:io/streams#[method]input-stream.blocking-skip",
  "wasi:io/streams#[method]output-stream.blocking-write-and-flush",
  "wasi:io/streams#[method]output-stream.blocking-flush",
  "wasi:io/streams#[method]output-stream.blocking-write-zeroes-and-flush",
  "wasi:io/streams#[method]output-stream.blocking-splice",
  "wasi:sockets/udp#[method]outgoing-datagram-stream.send",
  ...KEY_VALUE_ASYNC_IMPORTS,
]);

export interface ExecutionModules {
  readonly context: Context;
  readonly runtime: ComponentRuntime;
  readonly main: Remote<ComponentWorkerMain>;
  readonly egress: Remote<EgressApi>;
  /** Numbers the worker's exchanges, each of which is named once. */
  readonly nextExchange: () => number;
  /** The files of the service this worker is kept for. */
  readonly directory: ServiceDirectory | undefined;
  /** Aborts when nobody wants the result any more; reaches a guest that waits, as the kill flag reaches a busy one. */
  readonly signal: AbortSignal;
}

/** Runs one job on a fresh instance and reports what it cost, however it ended. */
export async function runJob(
  job: Job,
  component: LoadedComponent,
  modules: ExecutionModules,
): Promise<JobResult> {
  const { serviceId, workflowId } = job.request;
  const logs = new GuestLogs({
    onLateRefusal: (kind, reason) =>
      modules.context.log.warn("A component was refused something after it had ended", {
        service: serviceId,
        workflow: workflowId,
        kind,
        reason,
      }),
  });
  using budget = new Budget(
    { fuel: job.fuel, timeoutMs: job.timeoutMs },
    { clock: modules.context.clock, killFlag: new Int32Array(job.killFlag) },
  );
  const hostCalls = job.request.listsHostCalls === true ? new Set<string>() : undefined;
  const onHostCall = hostCalls?.add.bind(hostCalls);
  const ending = await runInstance(job, component, { ...modules, logs, budget, onHostCall });
  logs.close();
  const report = {
    fuelUsed: budget.used(),
    elapsedMs: budget.elapsedMs(),
    logs: logs.lines,
    droppedLogs: logs.dropped,
    refusals: logs.refusals,
    ...(hostCalls === undefined ? {} : { hostCalls: [...hostCalls] }),
  };
  return { ...ending, report };
}

type Ending =
  | { readonly ok: true; readonly outcome: ExecutionOutcome }
  | { readonly ok: false; readonly error: SerializedError };

/** The scope closes before the report is made: a last printed line without its end belongs to the log. */
async function runInstance(
  job: Job,
  component: LoadedComponent,
  modules: ExecutionModules & {
    readonly logs: GuestLogs;
    readonly budget: Budget;
    readonly onHostCall: ((id: string) => void) | undefined;
  },
): Promise<Ending> {
  const { budget, runtime, context, signal, logs, onHostCall } = modules;
  const onRefusal = logs.refuse.bind(logs);
  using scope = new GuestScope({ clock: context.clock, signal: budget.signal, onRefusal });
  signal.addEventListener("abort", () => budget.kill(), { once: true, signal: budget.signal });
  try {
    const imports = createImports(job, { ...modules, scope });
    using instance = await runtime.instantiate(component, {
      imports,
      budget,
      owner: job.request.serviceId,
      onHostCall,
    });
    const { name, args } = invocationToWit(job);
    const answer = await instance.call(name, args) as WitResult<unknown>;
    return { ok: true, outcome: outcomeFromWit(job, answer) };
  } catch (error) {
    return { ok: false, error: withSubject(error, job) };
  }
}

function createImports(
  job: Job,
  { logs, scope, main, egress, nextExchange, directory }: ExecutionModules & {
    readonly logs: GuestLogs;
    readonly scope: GuestScope;
  },
): HostImports {
  const component = executingComponent(job);
  const { permissions } = component;
  const { allowedHttpHosts, fileSystem } = permissions;
  return {
    "wasi:io/error": ioErrorInterface,
    "wasi:io/poll": createPoll(scope),
    "wasi:io/streams": streamsInterface,
    ...randomInterfaces,
    ...createClocks(scope),
    ...createCli({ environment: job.environment }, { scope, logs }),
    ...createFilesystem({ directory: fileSystem ? directory : undefined }, scope),
    ...createKeyValue(keyValueOf(job.id, main), scope),
    ...createSockets(permissions, { scope, backend: networkOf(job.id, egress, scope) }),
    ...createTls(scope),
    ...(allowedHttpHosts.kind === "none"
      ? {}
      : createHttp(httpOf(job.id, allowedHttpHosts, { egress, nextExchange }), scope)),
    host: createHost(job.request, component, { logs }),
  };
}

/** The component whose configuration and permissions apply: the operator's or the aggregator's. */
function executingComponent({ request }: Job): Component {
  const workflow = request.service.workflows.get(request.workflowId);
  if (workflow === undefined) throw unknownWorkflow(request.workflowId);
  if (request.invocation.kind === "run") return workflow.component;
  if (workflow.submit.kind === "aggregator") return workflow.submit.component;
  throw unknownWorkflow(request.workflowId);
}

function unknownWorkflow(workflowId: string): WavsError {
  return new WavsError("workflow_unknown", {
    message: `The service has no workflow "${workflowId}" with such a component`,
    retryable: false,
  });
}

function invocationToWit({ request }: Job): { readonly name: string; readonly args: readonly unknown[] } {
  const { action, invocation } = request;
  switch (invocation.kind) {
    case "run":
      return { name: "run", args: [triggerActionToWit(action)] };
    case "process-input":
    case "handle-timer-callback":
      return { name: invocation.kind, args: [aggregatorInputToWit(action, invocation.response)] };
    case "handle-submit-callback": {
      const input = aggregatorInputToWit(action, invocation.response);
      return { name: invocation.kind, args: [input, txResultToWit(invocation.result)] };
    }
  }
}

/** What the reference puts before the text of an aggregator component's error (spec/engine.md 4.1). */
const GUEST_ERROR_PREFIX = {
  "run": "",
  "process-input": "Process packet execution failed: ",
  "handle-timer-callback": "Timer callback execution failed: ",
  "handle-submit-callback": "Submit callback execution failed: ",
} as const;

function outcomeFromWit({ request }: Job, answer: WitResult<unknown>): ExecutionOutcome {
  const { kind } = request.invocation;
  if (answer.tag === "err") {
    throw new WavsError("guest_error", {
      message: `Wasm exec result: ${GUEST_ERROR_PREFIX[kind]}${answer.val}`,
      retryable: false,
    });
  }
  switch (kind) {
    case "run":
      return { kind: "responses", responses: responsesFromWit(answer.val as readonly WitWasmResponse[]) };
    case "process-input":
    case "handle-timer-callback":
      return { kind: "actions", actions: actionsFromWit(answer.val as readonly WitAggregatorAction[]) };
    case "handle-submit-callback":
      return { kind: "done" };
  }
}

/** The texts for spent limits name the service and workflow, as the reference's do (spec/engine.md 3.1, 3.2). */
function withSubject(error: unknown, { request, fuel, timeoutMs }: Job): SerializedError {
  const failure = serializeError(error);
  const subject = `for service: ${request.serviceId}, workflow: ${request.workflowId}`;
  if (failure.code === "out_of_fuel") {
    return { ...failure, message: `Max fuel consumed by WasmEngine ${subject} (limit ${fuel})` };
  }
  if (failure.code === "out_of_time") {
    return { ...failure, message: `Time limit exceeded by WasmEngine ${subject} (limit ${timeoutMs / 1000} s)` };
  }
  return failure;
}

function keyValueOf(job: number, main: Remote<ComponentWorkerMain>): KeyValueBackend {
  return {
    read: (bucket, key) => main.keyValueRead({ job, bucket, key }),
    version: (bucket, key) => main.keyValueVersion({ job, bucket, key }),
    readMany: (bucket, keys) => main.keyValueReadMany({ job, bucket, keys }),
    listKeys: (bucket, cursor) => main.keyValueList({ job, bucket, cursor }),
    write: (bucket, writes) => main.keyValueWrite({ job, bucket, writes }),
    increment: (bucket, key, delta) => main.keyValueIncrement({ job, bucket, key, delta }),
    swap: (bucket, key, change) => main.keyValueSwap({ job, bucket, key, ...change }),
  };
}

function httpOf(
  job: number,
  allowedHosts: AllowedHosts,
  { egress, nextExchange }: Pick<ExecutionModules, "egress" | "nextExchange">,
): HttpBackend {
  return {
    open: (request) => {
      const id = nextExchange();
      const head = egress.open({ job, exchange: id, allowedHosts, request });
      let isAtEnd = false;
      const exchange: HttpExchange = {
        write: (chunk) => egress.write({ exchange: id, chunk }),
        finish: () => egress.finish(id),
        response: async () => await head ?? await egress.response(id),
        read: async (maxBytes) => {
          const chunk = isAtEnd ? undefined : await egress.read({ exchange: id, maxBytes });
          isAtEnd = chunk?.isLast ?? true;
          return chunk?.bytes;
        },
        get isAtEnd() {
          return isAtEnd;
        },
        cancel: () => {
          if (!isAtEnd) void egress.cancel(id).catch(() => {});
        },
      };
      return { exchange, opened: head.then(() => {}) };
    },
  };
}
