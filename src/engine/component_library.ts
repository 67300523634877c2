import type { Context } from "@/context/mod.ts";
import { type ComponentDigest, type ComponentSource, isWavsError, WavsError } from "@/domain/mod.ts";
import type { ComponentArtifact } from "./component/types.ts";
import type { ComponentStore } from "./component_store.ts";
import { type ComponentFetcher, fetchComponent } from "./fetch_component.ts";
import { MAX_CACHED_ARTIFACTS, MAX_COMPONENT_BYTES } from "./limits.ts";
import { Lru } from "./lru.ts";
import type { MeteredCache } from "./metered_cache.ts";
import type { PreparedComponent, PrepareRequest } from "./worker_types.ts";

export interface ComponentLibraryModules {
  readonly context: Context;
  readonly store: ComponentStore;
  readonly fetcher: ComponentFetcher;
  /** Parses and meters in a worker without permissions. */
  readonly prepare: (request: PrepareRequest) => Promise<PreparedComponent>;
  /** Spares metering again after a restart; without it everything is metered anew. */
  readonly metered: MeteredCache | undefined;
}

/** Brings components from where they are to where they can run: stored, verified, prepared. */
export class ComponentLibrary {
  readonly #modules: ComponentLibraryModules;
  readonly #artifacts = new Lru<ComponentDigest, Promise<ComponentArtifact>>(MAX_CACHED_ARTIFACTS);

  constructor(modules: ComponentLibraryModules) {
    this.#modules = modules;
  }

  /** Stores bytes that are a component. @throws WavsError `component_too_large`, `component_invalid`, … */
  async add(bytes: Uint8Array): Promise<ComponentDigest> {
    refuseTooLarge(bytes);
    const { artifact, metered } = await this.#modules.prepare({ bytes });
    const digest = await this.#modules.store.put(bytes);
    if (metered !== undefined) await this.#modules.metered?.write(digest, metered);
    this.#artifacts.set(digest, Promise.resolve(artifact));
    return digest;
  }

  /**
   * Makes sure a component is in the store, fetching it if need be.
   *
   * @throws WavsError `component_unknown`, `component_fetch_failed`, `component_digest_mismatch`, or as {@link add}
   */
  async ensure(source: ComponentSource): Promise<void> {
    if (await this.#modules.store.touch(source.digest)) return;
    await this.add(await fetchComponent(source, this.#modules.fetcher));
  }

  /**
   * The prepared component, made once per digest however many ask at the same time. One that is missing or damaged is
   * fetched again when its source says where from.
   *
   * @throws WavsError `component_unknown`, `component_damaged`, or as {@link ensure}
   */
  artifact(source: ComponentSource): Promise<ComponentArtifact> {
    const cached = this.#artifacts.get(source.digest);
    if (cached !== undefined) return cached;
    const artifact = this.#load(source);
    this.#artifacts.set(source.digest, artifact);
    // A failure is not kept: the file may be put right.
    artifact.catch(() => this.#artifacts.delete(source.digest));
    return artifact;
  }

  async #load(source: ComponentSource): Promise<ComponentArtifact> {
    const { store, prepare, metered: cache } = this.#modules;
    const bytes = await this.#recover(source, () => store.get(source.digest));
    const { artifact, metered } = await prepare({ bytes, metered: await cache?.read(source.digest) });
    if (metered !== undefined) await cache?.write(source.digest, metered);
    return artifact;
  }

  async #recover(
    source: ComponentSource,
    read: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const { store, fetcher, context } = this.#modules;
    try {
      return await read();
    } catch (error) {
      const isLost = isWavsError(error, "component_unknown") || isWavsError(error, "component_damaged");
      if (!isLost || source.kind === "digest") throw error;
      context.log.warn("A component is fetched again", { digest: source.digest, reason: error.message });
    }
    const bytes = await fetchComponent(source, fetcher);
    refuseTooLarge(bytes);
    await store.put(bytes);
    return bytes;
  }
}

function refuseTooLarge(bytes: Uint8Array): void {
  if (bytes.length <= MAX_COMPONENT_BYTES) return;
  throw new WavsError("component_too_large", {
    message: `Cannot store a component of ${bytes.length} bytes; ${MAX_COMPONENT_BYTES} are allowed`,
    retryable: false,
  });
}
