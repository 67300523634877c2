/** A real engine over a directory and a database of its own, and services to run on it. */
import assert from "node:assert/strict";
import { buildComponents } from "@components/build.ts";
import { type Clock, createContext, type Logger } from "@/context/mod.ts";
import {
  type ComponentDigest,
  type EvmChainConfig,
  parseChainKey,
  parseService,
  REFERENCE_READING,
  type SerializedError,
  type Service,
  type ServiceId,
  serviceIdOf,
  type Trigger,
  type TriggerData,
  type WorkflowId,
} from "@/domain/mod.ts";
import {
  createEngine,
  type Engine,
  type EngineOptions,
  type ExecuteRequest,
  type ExecutionResult,
  type Invocation,
  type MeteredFiles,
} from "@/engine/mod.ts";
import { KeyValues, openDatabase } from "@/storage/mod.ts";
import { startRecorder } from "./call_records.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

/** The only chain executions know, without an endpoint. */
export const LOCAL_CHAIN: EvmChainConfig = {
  kind: "evm",
  key: parseChainKey("evm:31337"),
  chainId: "31337",
  wsEndpoints: [],
  httpEndpoint: undefined,
  faucetEndpoint: undefined,
  wsPriorityEndpointIndex: undefined,
  reading: REFERENCE_READING,
};

export interface EngineHarnessOptions extends Partial<Omit<EngineOptions, "dataDirectory">> {
  /** Variables of the node's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The clock of the main isolate; workers have the machine's. */
  readonly clock?: Clock;
  /** Default: nothing metered is kept. */
  readonly meteredFiles?: MeteredFiles;
  /** A directory that outlives the engine; default: one of its own, removed with it. */
  readonly dataDirectory?: string;
}

export interface EngineHarness extends AsyncDisposable {
  readonly engine: Engine;
  readonly dataDirectory: string;
}

export async function startEngine(
  { environment = {}, clock, meteredFiles, ...options }: EngineHarnessOptions = {},
): Promise<EngineHarness> {
  const recorder = startRecorder();
  const dataDirectory = options.dataDirectory ?? await Deno.makeTempDir();
  const database = openDatabase({ path: ":memory:", durability: "process" });
  const controller = new AbortController();
  const context = createContext({ log: SILENT, signal: controller.signal });
  const engine = await createEngine({
    runtime: "direct",
    logLevel: "warn",
    componentCacheSize: 20,
    workers: 2,
    allowPrivateNetworks: true,
    ipfsGateway: "http://127.0.0.1:9/ipfs/",
    durability: "process",
    ceilings: { maxFuel: undefined, maxExecutionSeconds: undefined, maxMemoryMb: 64 },
    ...options,
    dataDirectory,
  }, {
    context: clock === undefined ? context : { ...context, clock },
    keyValue: new KeyValues(database),
    ...(meteredFiles === undefined ? {} : { meteredFiles }),
    readEnv: (name) => environment[name],
  });
  recorder.listenTo(engine);
  return {
    engine,
    dataDirectory,
    async [Symbol.asyncDispose]() {
      recorder[Symbol.dispose]();
      controller.abort();
      await engine[Symbol.asyncDispose]();
      database[Symbol.dispose]();
      if (options.dataDirectory === undefined) await Deno.remove(dataDirectory, { recursive: true });
    },
  };
}

/** Builds sample components and gives them to an engine. */
export async function uploadSamples(engine: Engine, ...names: string[]): Promise<ComponentDigest[]> {
  const built = await buildComponents({ names });
  return await Promise.all(built.map(async ({ path }) => await engine.upload(await Deno.readFile(path))));
}

/** The digest of a component that is in the store, or a source as a service document writes it. */
export type SourceShape = string | Readonly<Record<string, unknown>>;

export interface ServiceShape {
  readonly operator: SourceShape;
  /** Default: the operator's component. */
  readonly aggregator?: SourceShape;
  /** Address of the manager contract; services with different ones are different services. */
  readonly manager?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly envKeys?: readonly string[];
  readonly timeLimitSeconds?: number;
  readonly fuelLimit?: number;
  readonly fileSystem?: boolean;
  readonly rawSockets?: boolean;
  readonly dnsResolution?: boolean;
  /** Whether the operator's component may use HTTP at all; the aggregator's always may. */
  readonly http?: boolean;
  /** The hosts the operator's component may ask; default all, when it may use HTTP. */
  readonly hosts?: readonly string[];
}

/** A service with one manual workflow called `default`. */
export function serviceOf(shape: ServiceShape): Service {
  const component = (source: SourceShape, hosts: unknown) => ({
    source: typeof source === "string" ? { digest: source } : source,
    permissions: {
      allowed_http_hosts: hosts,
      file_system: shape.fileSystem ?? false,
      raw_sockets: shape.rawSockets ?? false,
      dns_resolution: shape.dnsResolution ?? false,
    },
    config: shape.config ?? {},
    env_keys: shape.envKeys ?? [],
    time_limit_seconds: shape.timeLimitSeconds ?? null,
    fuel_limit: shape.fuelLimit ?? null,
  });
  const operatorHosts = shape.hosts === undefined ? "all" : { only: shape.hosts };
  return parseService(JSON.stringify({
    name: "test",
    workflows: {
      default: {
        trigger: "manual",
        component: component(shape.operator, shape.http === true ? operatorHosts : "none"),
        submit: {
          aggregator: {
            component: component(shape.aggregator ?? shape.operator, "all"),
            signature_kind: { algorithm: "secp256k1", prefix: "eip191" },
          },
        },
      },
    },
    status: "active",
    manager: { evm: { chain: "evm:31337", address: shape.manager ?? `0x${"5f".repeat(20)}` } },
  }));
}

export function idOf(service: Service): ServiceId {
  return serviceIdOf(service.manager);
}

/** What of an engine runs components. */
export type Executor = Pick<Engine, "execute">;

export interface RunOptions {
  /** Default: `run`, the operator's component. */
  readonly invocation?: Invocation;
  readonly signal?: AbortSignal;
}

/** Triggers a service's workflow with raw data, and keeps what it wrote. */
export function runService(
  engine: Executor,
  service: Service,
  text: string,
  { invocation, signal }: RunOptions = {},
): Promise<ExecutionResult> {
  return runRequest(engine, requestOf(service, text, invocation), signal);
}

/** Executes, and keeps what was written. */
export async function runRequest(
  engine: Executor,
  request: ExecuteRequest,
  signal?: AbortSignal,
): Promise<ExecutionResult> {
  const result = await engine.execute(request, signal);
  using writes = result.writes;
  writes.store();
  return result;
}

/** An execution on raw data as the dispatcher orders it. */
export function requestOf(service: Service, text: string, invocation?: Invocation): ExecuteRequest {
  const event = { trigger: { kind: "manual" }, data: { kind: "Raw", data: new TextEncoder().encode(text) } } as const;
  return requestOn(service, event, invocation);
}

/** What happened, and the trigger that watched for it. */
export interface TriggerEvent {
  readonly trigger: Trigger;
  readonly data: TriggerData;
}

/** An execution on data of any kind as the dispatcher orders it. */
export function requestOn(
  service: Service,
  { trigger, data }: TriggerEvent,
  invocation: Invocation = { kind: "run" },
): ExecuteRequest {
  const workflowId = "default" as WorkflowId;
  const serviceId = idOf(service);
  const action = { config: { serviceId, workflowId, trigger }, data };
  return { serviceId, service, workflowId, action, invocation, chains: [LOCAL_CHAIN] };
}

/** The payloads a successful execution answered, as text. */
export function payloadsOf(result: ExecutionResult): string[] {
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  assert.equal(result.outcome.kind, "responses");
  return result.outcome.kind === "responses"
    ? result.outcome.responses.map(({ payload }) => new TextDecoder().decode(payload))
    : [];
}

/** Why an execution failed. */
export function failureOf(result: ExecutionResult): SerializedError {
  assert.ok(!result.ok, "the execution should have failed");
  return result.error;
}
