import type { Context, LogLevel } from "@/context/mod.ts";
import { type Component, type ComponentDigest, type Service, type ServiceId, WavsError } from "@/domain/mod.ts";
import type { Durability } from "./atomic_file.ts";
import type { ComponentRuntimeName } from "./component/types.ts";
import { ComponentLibrary } from "./component_library.ts";
import { ComponentStore } from "./component_store.ts";
import { DEFAULT_MAX_EXECUTION_SECONDS, DEFAULT_MAX_FUEL } from "./limits.ts";
import { type Egress, startEgress } from "./egress/mod.ts";
import type { Carrier } from "./carriers.ts";
import { readEngineVersion } from "./engine_version.ts";
import { GuestMemory } from "./guest_memory.ts";
import { MeteredCache } from "./metered_cache.ts";
import { ComponentPool } from "./pool.ts";
import { sweep } from "./sweep.ts";
import { ServiceFiles } from "./service_files.ts";
import type {
  Engine,
  EngineLoad,
  ExecuteRequest,
  ExecutionResult,
  FetchBytes,
  KeyValueStore,
  MeteredFiles,
  World,
} from "./types.ts";
import { warmUp } from "./warm_up.ts";
import { componentKeyOf } from "./worker_types.ts";

export interface EngineOptions {
  readonly dataDirectory: string;
  readonly runtime: ComponentRuntimeName;
  /** How component workers run; default in isolates of their own. */
  readonly carrier?: Carrier;
  readonly logLevel: LogLevel;
  /** Linked components each worker keeps ready. */
  readonly componentCacheSize: number;
  readonly workers: number;
  /** Whether guests and downloads may reach loopback, private and link-local addresses. */
  readonly allowPrivateNetworks: boolean;
  /** Where `ipfs:` is looked up; ends with a slash. */
  readonly ipfsGateway: string;
  /** What a stored component survives: a crash of the process, or of power too. */
  readonly durability: Durability;
  /** Node-wide ceilings; a component's own limits only ever lower them. */
  readonly ceilings: {
    readonly maxFuel: bigint | undefined;
    readonly maxExecutionSeconds: bigint | undefined;
    /** Of one execution. */
    readonly maxMemoryMb: number;
    /** Of all that run at once; more than fit wait. Default: half of the machine's. */
    readonly maxGuestMemoryMb?: number | undefined;
  };
}

export interface EngineModules {
  readonly context: Context;
  readonly keyValue: KeyValueStore;
  /** Remembers metered modules between starts; without it every start meters anew. */
  readonly meteredFiles?: MeteredFiles;
  /** Reads a variable of the node's environment. */
  readonly readEnv: (name: string) => string | undefined;
}

/** Only variables that begin like this are ever shown to components (spec/engine.md 2.5). */
const GUEST_VARIABLE_PREFIX = "WAVS_ENV";

/** Starts the engine: a store of components and the workers that run them. */
export async function createEngine(options: EngineOptions, modules: EngineModules): Promise<Engine> {
  const engine = new ComponentEngine(options, modules);
  await engine.start();
  return engine;
}

class ComponentEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #modules: EngineModules;
  readonly #store: ComponentStore;
  readonly #files: ServiceFiles;
  readonly #memory: GuestMemory;
  #library: ComponentLibrary | undefined;
  #metered: MeteredCache | undefined;
  #pool: ComponentPool | undefined;
  #egress: Egress | undefined;

  constructor(options: EngineOptions, modules: EngineModules) {
    this.#options = options;
    this.#modules = modules;
    this.#store = new ComponentStore(options, modules.context);
    this.#files = new ServiceFiles(options.dataDirectory);
    const { maxMemoryMb, maxGuestMemoryMb } = options.ceilings;
    this.#memory = new GuestMemory({ maxComponentMemoryMb: maxMemoryMb, maxGuestMemoryMb });
  }

  async start(): Promise<void> {
    const { runtime, carrier, logLevel, componentCacheSize, workers, ...options } = this.#options;
    const { allowPrivateNetworks, ipfsGateway } = options;
    const egress = await startEgress({ logLevel, allowPrivateNetworks, ipfsGateway }, this.#modules.context);
    this.#egress = egress;
    const metered = this.#metered = await this.#openMeteredCache();
    const pool = await ComponentPool.start({
      carrier: carrier ?? "worker",
      runtime,
      logLevel,
      workers,
      cacheSize: componentCacheSize,
    }, {
      context: this.#modules.context,
      memory: this.#memory,
      keyValue: this.#modules.keyValue,
      artifact: ({ request }) => this.#startedLibrary.artifact(executing(request).component.source),
      attachEgress: (port) => egress.attach(port),
      serviceDirectory: (serviceId) => this.#files.directoryOf(serviceId),
    });
    this.#pool = pool;
    this.#library = new ComponentLibrary({
      context: this.#modules.context,
      store: this.#store,
      fetcher: egress,
      prepare: (request) => pool.prepare(request),
      metered,
    });
  }

  async upload(bytes: Uint8Array): Promise<ComponentDigest> {
    return await this.#startedLibrary.add(bytes);
  }

  async prepare(component: Component, world: World): Promise<void> {
    const library = this.#startedLibrary;
    await library.ensure(component.source);
    await this.#started.link(componentKeyOf(component, world), await library.artifact(component.source));
  }

  async warmUp(services: Iterable<Service>): Promise<void> {
    const { log, signal } = this.#modules.context;
    await warmUp(services, { limit: this.#options.componentCacheSize, signal }, {
      log,
      artifact: (source) => this.#startedLibrary.artifact(source),
      link: (key, artifact) => this.#started.linkEverywhere(key, artifact),
    });
  }

  digests(): Promise<readonly ComponentDigest[]> {
    return this.#store.list();
  }

  async execute(request: ExecuteRequest, signal?: AbortSignal): Promise<ExecutionResult> {
    const { component, world } = executing(request);
    const { maxFuel, maxExecutionSeconds } = this.#options.ceilings;
    const seconds = lowest(component.timeLimitSeconds, maxExecutionSeconds, DEFAULT_MAX_EXECUTION_SECONDS);
    return await this.#started.execute({
      component: componentKeyOf(component, world),
      fileSystem: component.permissions.fileSystem,
      request,
      environment: this.#environmentOf(component),
      fuel: lowest(component.fuelLimit, maxFuel, DEFAULT_MAX_FUEL),
      timeoutMs: Number(seconds) * 1000,
    }, signal);
  }

  load(): EngineLoad {
    const { promisedBytes, maxBytes } = this.#memory;
    return { ...this.#started.load(), promisedMemoryBytes: promisedBytes, maxMemoryBytes: maxBytes };
  }

  async removeServiceData(serviceId: ServiceId): Promise<void> {
    this.#pool?.endService(serviceId);
    this.#modules.keyValue.clear(serviceId);
    await this.#files.remove(serviceId);
  }

  async sweep(services: ReadonlySet<ServiceId>): Promise<void> {
    await sweep(services, {
      log: this.#modules.context.log,
      store: this.#store,
      metered: this.#metered,
      files: this.#files,
      keyValue: this.#modules.keyValue,
      removeServiceData: (serviceId) => this.removeServiceData(serviceId),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#pool?.[Symbol.dispose]();
    this.#egress?.close();
    return Promise.resolve();
  }

  fetchBytes(request: Parameters<FetchBytes>[0]): ReturnType<FetchBytes> {
    if (this.#egress === undefined) throw new Error("the engine was not started");
    return this.#egress.fetchBytes(request);
  }

  async #openMeteredCache(): Promise<MeteredCache | undefined> {
    const { dataDirectory, runtime } = this.#options;
    const { meteredFiles, context } = this.#modules;
    if (meteredFiles === undefined || runtime !== "direct") return undefined;
    const engine = await readEngineVersion(`${this.#memory.bytesPerExecution} bytes`);
    if (engine !== undefined) {
      return new MeteredCache({ dataDirectory, engine }, { files: meteredFiles, log: context.log });
    }
    context.log.info("Metered modules are not kept because the engine cannot read its own source");
    return undefined;
  }

  get #started(): ComponentPool {
    if (this.#pool === undefined) throw new Error("the engine was not started");
    return this.#pool;
  }

  get #startedLibrary(): ComponentLibrary {
    if (this.#library === undefined) throw new Error("the engine was not started");
    return this.#library;
  }

  #environmentOf(component: Component): readonly (readonly [string, string])[] {
    return component.envKeys.filter((name) => name.startsWith(GUEST_VARIABLE_PREFIX))
      .map((name) => [name, this.#modules.readEnv(name)] as const)
      .filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  }
}

function executing({ service, workflowId, invocation }: ExecuteRequest): { component: Component; world: World } {
  const workflow = service.workflows.get(workflowId);
  if (workflow !== undefined && invocation.kind === "run") return { component: workflow.component, world: "operator" };
  if (workflow?.submit.kind === "aggregator") return { component: workflow.submit.component, world: "aggregator" };
  throw new WavsError("workflow_unknown", {
    message: `Workflow "${workflowId}" not found for service "${service.name}", or it has no aggregator`,
    retryable: false,
  });
}

function lowest(own: bigint | undefined, ceiling: bigint | undefined, fallback: bigint): bigint {
  const limit = ceiling ?? fallback;
  return own !== undefined && own < limit ? own : limit;
}
