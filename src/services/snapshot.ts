import { type ChainConfig, newRegistryChannel, type RegistrySnapshot, type WatchedService } from "@/domain/mod.ts";
import type { StoredService } from "@/storage/mod.ts";

/** Keeps the workers' view of the registry and fans it out. */
export class SnapshotPublisher implements Disposable {
  /** Where the workers of this node listen. */
  readonly channelName = newRegistryChannel();
  readonly #channel = new BroadcastChannel(this.channelName);
  #current: RegistrySnapshot = { revision: 0, services: [], chains: [] };

  /** What a worker that starts asks for. */
  get current(): RegistrySnapshot {
    return this.#current;
  }

  /** Makes a new revision and fans it out; workers that are only starting ask for it themselves. */
  publish(services: readonly StoredService[], chains: readonly ChainConfig[]): RegistrySnapshot {
    this.#current = { revision: this.#current.revision + 1, services: services.map(watchedService), chains };
    this.#channel.postMessage(this.#current);
    return this.#current;
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }
}

/** What workers, and whoever looks at a stored registry, need to know of a service. */
export function watchedService({ serviceId, service, since }: StoredService): WatchedService {
  return {
    serviceId,
    manager: service.manager,
    status: service.status,
    workflows: [...service.workflows].map(([workflowId, { trigger }]) => ({ workflowId, trigger })),
    since,
  };
}
