import type { Context } from "@/context/mod.ts";
import {
  type ChainConfig,
  type ChainKey,
  compareUtf8,
  type EvmAddress,
  type Service,
  type ServiceDigest,
  serviceDigestOf,
  type ServiceId,
  serviceIdOf,
  type ServiceManager,
  type Trigger,
  WavsError,
} from "@/domain/mod.ts";
import type { Engine } from "@/engine/types.ts";
import type { ServiceTable, StoredService } from "@/storage/mod.ts";
import { checkNewChain, requireChain } from "./chains.ts";
import { type FetchBytes, fetchService } from "./documents.ts";
import { SETTLE_TIMEOUT_MS } from "./limits.ts";
import type { SnapshotPublisher } from "./snapshot.ts";
import type { RegisteredService, ServiceRegistry } from "./types.ts";

export interface RegistryOptions {
  /** The chains of the configuration. */
  readonly chains: readonly ChainConfig[];
}

export interface RegistryModules {
  readonly context: Context;
  readonly table: ServiceTable;
  readonly publisher: SnapshotPublisher;
  readonly engine: Pick<Engine, "prepare" | "digests" | "removeServiceData">;
  readonly fetchBytes: FetchBytes;
  readonly serviceUri: (manager: ServiceManager) => Promise<string>;
  readonly operatorAddress: (hdIndex: number) => Promise<EvmAddress>;
  /** Says why this node cannot serve a trigger, if it cannot. */
  readonly unsupportedTrigger: (trigger: Trigger) => string | undefined;
  /** Resolves once the workers act on this revision. */
  readonly settled: (revision: number) => Promise<void>;
  /** Lets the workers reach a chain that was added while the node runs. */
  readonly chainsChanged: (chains: readonly ChainConfig[]) => Promise<void>;
}

/** The registry of services: what is stored, what the workers watch and who signs with which key. */
export class Services implements ServiceRegistry {
  readonly #modules: RegistryModules;
  readonly #registered = new Map<ServiceId, RegisteredService & StoredService>();
  readonly #chains: Map<ChainKey, ChainConfig>;
  /** One registration, change or removal at a time: each is rare and touches everything. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RegistryOptions, modules: RegistryModules) {
    this.#modules = modules;
    this.#chains = new Map(options.chains.map((chain) => [chain.key, chain]));
    for (const stored of modules.table.list()) this.#remember(stored);
    this.#publish();
  }

  list(): readonly RegisteredService[] {
    return [...this.#registered.values()].sort((a, b) => compareUtf8(a.serviceId, b.serviceId));
  }

  get(serviceId: ServiceId): RegisteredService | undefined {
    return this.#registered.get(serviceId);
  }

  add(manager: ServiceManager): Promise<void> {
    return this.#inTurn(async () => {
      requireChain(this.#chains, manager.chain);
      this.#refuseRegistered(serviceIdOf(manager));
      const uri = await this.#modules.serviceUri(manager);
      await this.#register(await fetchService(uri, manager, this.#modules.fetchBytes));
    });
  }

  addSaved(digest: ServiceDigest): Promise<void> {
    return this.#inTurn(async () => {
      const service = this.saved(digest);
      if (service === undefined) {
        throw new WavsError("service_hash_unknown", {
          message: `No service was saved under the hash "${digest}"; save it with POST /dev/services first`,
          retryable: false,
        });
      }
      await this.#register(service);
    });
  }

  save(service: Service): ServiceDigest {
    return this.#modules.table.save(service);
  }

  saved(digest: ServiceDigest): Service | undefined {
    return this.#modules.table.saved(digest);
  }

  remove(managers: readonly ServiceManager[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const serviceId of managers.map(serviceIdOf)) {
        if (!this.#registered.has(serviceId)) continue;
        this.#modules.table.remove(serviceId);
        this.#registered.delete(serviceId);
        await this.#modules.engine.removeServiceData(serviceId);
      }
      await this.#settle(this.#publish());
    });
  }

  /**
   * Takes over a changed document at `uri`: components first, then the definition, so that the old one works until
   * the new one can. Key, files and key-value data stay.
   *
   * @throws WavsError what fetching or preparing throws; the old definition stays then
   */
  change(
    serviceId: ServiceId,
    change: { readonly uri: string; readonly since: StoredService["since"] },
  ): Promise<"changed" | "unchanged" | "unknown"> {
    return this.#inTurn(async () => {
      const current = this.#registered.get(serviceId);
      if (current === undefined) return "unknown";
      const service = await fetchService(change.uri, current.service.manager, this.#modules.fetchBytes);
      if (serviceDigestOf(service) === current.digest) return "unchanged";
      await this.#prepare(service);
      this.#store({ serviceId, service, since: change.since });
      await this.#settle(this.#publish());
      return "changed";
    });
  }

  async signer(serviceId: ServiceId): Promise<{ readonly hdIndex: number; readonly address: EvmAddress }> {
    const registered = this.#registered.get(serviceId);
    if (registered === undefined) {
      throw new WavsError("service_unknown", {
        message: `Submission: missing key for service ${serviceId}`,
        retryable: false,
      });
    }
    const { hdIndex } = registered;
    return { hdIndex, address: await this.#modules.operatorAddress(hdIndex) };
  }

  chains(): readonly ChainConfig[] {
    return [...this.#chains.values()];
  }

  chain(key: ChainKey): ChainConfig | undefined {
    return this.#chains.get(key);
  }

  addChain(config: ChainConfig): Promise<void> {
    return this.#inTurn(async () => {
      checkNewChain(this.#chains, config);
      this.#chains.set(config.key, config);
      const { revision } = this.#publish();
      await this.#modules.chainsChanged(this.chains());
      await this.#settle({ revision });
    });
  }

  componentDigests(): ReturnType<Engine["digests"]> {
    return this.#modules.engine.digests();
  }

  async #register(service: Service): Promise<void> {
    const serviceId = serviceIdOf(service.manager);
    this.#refuseRegistered(serviceId);
    await this.#prepare(service);
    this.#store({ serviceId, service, since: undefined });
    try {
      await this.#settle(this.#publish());
    } catch (error) {
      this.#modules.table.remove(serviceId);
      this.#registered.delete(serviceId);
      this.#publish();
      throw error;
    }
  }

  /** Everything that can be wrong with a definition is found here, before anything is stored. */
  async #prepare(service: Service): Promise<void> {
    for (const [workflowId, workflow] of service.workflows) {
      const obstacle = this.#modules.unsupportedTrigger(workflow.trigger);
      if (obstacle !== undefined) {
        throw new WavsError("trigger_unsupported", {
          message: `Trigger: cannot serve workflow "${workflowId}" because ${obstacle}`,
          retryable: false,
        });
      }
      if ("chain" in workflow.trigger) requireChain(this.#chains, workflow.trigger.chain);
      await this.#modules.engine.prepare(workflow.component, "operator");
      if (workflow.submit.kind === "aggregator") {
        await this.#modules.engine.prepare(workflow.submit.component, "aggregator");
      }
    }
  }

  #store(stored: StoredService): void {
    this.#modules.table.put(stored, this.#modules.context.clock.now());
    this.#remember(stored);
  }

  #remember(stored: StoredService): void {
    this.#registered.set(stored.serviceId, {
      ...stored,
      digest: serviceDigestOf(stored.service),
      hdIndex: this.#modules.table.hdIndex(stored.serviceId),
    });
  }

  #publish(): { readonly revision: number } {
    return this.#modules.publisher.publish([...this.#registered.values()], this.chains());
  }

  async #settle({ revision }: { readonly revision: number }): Promise<void> {
    const { clock, signal } = this.#modules.context;
    const waited = new AbortController();
    const late = clock.sleep(SETTLE_TIMEOUT_MS, AbortSignal.any([waited.signal, signal])).then(() => {
      throw new WavsError("workers_late", {
        message: `The workers did not take over the change of the registry within ${SETTLE_TIMEOUT_MS / 1000} s; ` +
          "look at the log for a chain that does not answer, then try again",
        retryable: true,
      });
    });
    try {
      await Promise.race([this.#modules.settled(revision), late]);
    } finally {
      late.catch(() => {});
      waited.abort();
    }
  }

  #refuseRegistered(serviceId: ServiceId): void {
    if (!this.#registered.has(serviceId)) return;
    throw new WavsError("service_already_registered", {
      message: `Service ${serviceId} already registered`,
      retryable: false,
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}
