import type { Context, LogLevel } from "@/context/mod.ts";
import {
  type Component,
  type ComponentDigest,
  componentDigestOf,
  describeError,
  type ServiceId,
  WavsError,
} from "@/domain/mod.ts";
import type { ComponentArtifact, ComponentRuntimeName } from "./component/types.ts";
import type { Durability } from "./atomic_file.ts";
import { ComponentStore } from "./component_store.ts";
import {
  COMPONENT_TIMEOUT_MS,
  DEFAULT_MAX_EXECUTION_SECONDS,
  DEFAULT_MAX_FUEL,
  MAX_CACHED_ARTIFACTS,
  MAX_COMPONENT_BYTES,
} from "./limits.ts";
import { Lru } from "./lru.ts";
import { type Egress, startEgress } from "./egress/mod.ts";
import type { Carrier } from "./carriers.ts";
import { ComponentPool } from "./pool.ts";
import { ServiceFiles } from "./service_files.ts";
import type { Engine, ExecuteRequest, ExecutionResult, FetchBytes, KeyValueStore, World } from "./types.ts";
import type { ComponentKey } from "./worker_types.ts";

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
  /** What a stored component survives: a crash of the process, or of power too. */
  readonly durability: Durability;
  /** Node-wide ceilings; a component's own limits only ever lower them. */
  readonly ceilings: {
    readonly maxFuel: bigint | undefined;
    readonly maxExecutionSeconds: bigint | undefined;
    readonly maxMemoryMb: number;
  };
}

export interface EngineModules {
  readonly context: Context;
  readonly keyValue: KeyValueStore;
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
  readonly #artifacts = new Lru<ComponentDigest, Promise<ComponentArtifact>>(MAX_CACHED_ARTIFACTS);
  #pool: ComponentPool | undefined;
  #egress: Egress | undefined;

  constructor(options: EngineOptions, modules: EngineModules) {
    this.#options = options;
    this.#modules = modules;
    this.#store = new ComponentStore(options, modules.context);
    this.#files = new ServiceFiles(options.dataDirectory);
  }

  async start(): Promise<void> {
    const { runtime, carrier, logLevel, componentCacheSize, workers, ceilings, allowPrivateNetworks } = this.#options;
    const egress = await startEgress({ logLevel, allowPrivateNetworks }, this.#modules.context);
    this.#egress = egress;
    this.#pool = await ComponentPool.start({
      carrier: carrier ?? "worker",
      runtime,
      logLevel,
      workers,
      cacheSize: componentCacheSize,
      maxMemoryBytes: ceilings.maxMemoryMb * 1024 * 1024,
    }, {
      context: this.#modules.context,
      keyValue: this.#modules.keyValue,
      artifact: ({ digest }) => this.#artifactOf(digest),
      attachEgress: (port) => egress.attach(port),
      serviceDirectory: (serviceId) => this.#files.directoryOf(serviceId),
    });
  }

  async upload(bytes: Uint8Array): Promise<ComponentDigest> {
    if (bytes.length > MAX_COMPONENT_BYTES) {
      throw new WavsError("component_too_large", {
        message: `Cannot store a component of ${bytes.length} bytes; ${MAX_COMPONENT_BYTES} are allowed`,
        retryable: false,
      });
    }
    const artifact = await this.#started.prepare(bytes);
    const digest = await this.#store.put(bytes);
    this.#artifacts.set(digest, Promise.resolve(artifact));
    return digest;
  }

  async prepare(component: Component, world: World): Promise<void> {
    const { digest } = component.source;
    if (!await this.#store.touch(digest)) await this.#supply(component);
    await this.#started.link(keyOf(component, world), await this.#artifactOf(digest));
  }

  digests(): Promise<readonly ComponentDigest[]> {
    return this.#store.list();
  }

  async execute(request: ExecuteRequest, signal?: AbortSignal): Promise<ExecutionResult> {
    const { component, world } = executing(request);
    const { maxFuel, maxExecutionSeconds } = this.#options.ceilings;
    const seconds = lowest(component.timeLimitSeconds, maxExecutionSeconds, DEFAULT_MAX_EXECUTION_SECONDS);
    return await this.#started.execute({
      component: keyOf(component, world),
      fileSystem: component.permissions.fileSystem,
      request,
      environment: this.#environmentOf(component),
      fuel: lowest(component.fuelLimit, maxFuel, DEFAULT_MAX_FUEL),
      timeoutMs: Number(seconds) * 1000,
    }, signal);
  }

  async removeServiceData(serviceId: ServiceId): Promise<void> {
    this.#pool?.endService(serviceId);
    this.#modules.keyValue.clear(serviceId);
    await this.#files.remove(serviceId);
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

  get #started(): ComponentPool {
    if (this.#pool === undefined) throw new Error("the engine was not started");
    return this.#pool;
  }

  /** Prepared once per digest, however many ask at the same time. */
  #artifactOf(digest: ComponentDigest): Promise<ComponentArtifact> {
    const cached = this.#artifacts.get(digest);
    if (cached !== undefined) return cached;
    const artifact = this.#store.get(digest).then((bytes) => this.#started.prepare(bytes));
    this.#artifacts.set(digest, artifact);
    // A failure is not kept: the file may be put right.
    artifact.catch(() => this.#artifacts.delete(digest));
    return artifact;
  }

  /** Fetches what is not in the store yet. @throws WavsError `component_unknown`, `component_digest_mismatch`, … */
  async #supply({ source }: Component): Promise<void> {
    switch (source.kind) {
      case "digest":
        // Says what is missing, and how to mend it.
        await this.#store.get(source.digest);
        return;
      case "registry":
        throw new WavsError("component_source_unsupported", {
          message: `Cannot fetch component "${source.package}" because registries are not supported yet; ` +
            "upload it with POST /dev/components or give it a download source",
          retryable: false,
        });
      case "download": {
        const bytes = await this.#download(source.uri);
        const actual = componentDigestOf(bytes);
        if (actual !== source.digest) {
          throw new WavsError("component_digest_mismatch", {
            message: `Cannot store the component from "${source.uri}" because its SHA-256 is "${actual}", ` +
              `not "${source.digest}"; correct the digest in the service definition, or the file`,
            retryable: false,
            meta: { uri: source.uri, expected: source.digest, actual },
          });
        }
        await this.upload(bytes);
      }
    }
  }

  async #download(uri: string): Promise<Uint8Array> {
    try {
      return (await this.fetchBytes({ uri, maxBytes: MAX_COMPONENT_BYTES, timeoutMs: COMPONENT_TIMEOUT_MS }))
        .bytes;
    } catch (cause) {
      throw new WavsError("component_fetch_failed", {
        message: `Cannot fetch the component from "${uri}" because ${describeError(cause)}`,
        retryable: true,
        meta: { uri },
        cause,
      });
    }
  }

  #environmentOf(component: Component): readonly (readonly [string, string])[] {
    return component.envKeys.filter((name) => name.startsWith(GUEST_VARIABLE_PREFIX))
      .map((name) => [name, this.#modules.readEnv(name)] as const)
      .filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  }
}

function keyOf(component: Component, world: World): ComponentKey {
  return { digest: component.source.digest, world, http: component.permissions.allowedHttpHosts.kind !== "none" };
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
