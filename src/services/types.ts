import type { ChainConfig } from "@/domain/chain_config.ts";
import type { ChainKey, ComponentDigest, EvmAddress, ServiceDigest, ServiceId } from "@/domain/ids.ts";
import type { Service, ServiceManager } from "@/domain/service.ts";

export interface RegisteredService {
  readonly serviceId: ServiceId;
  readonly service: Service;
  readonly digest: ServiceDigest;
  /** Index of the service's signing key; it survives URI changes, restarts and re-registration. */
  readonly hdIndex: number;
}

/** Registers, changes and removes services; every step is stored before it takes effect. */
export interface ServiceRegistry {
  /** Ascending by service id. */
  list(): readonly RegisteredService[];
  get(serviceId: ServiceId): RegisteredService | undefined;
  /**
   * Registers the service whose manager contract names its document; resolves once its triggers are watched.
   *
   * @throws WavsError `service_already_registered`, `chain_unknown`, `service_fetch_failed`, `service_manager_mismatch`
   * (the document names another manager), or what preparing its components throws. Nothing is kept then.
   */
  add(manager: ServiceManager): Promise<void>;
  /** Registers a document saved before, without asking its manager. @throws WavsError `service_hash_unknown`, … */
  addSaved(digest: ServiceDigest): Promise<void>;
  /** Keeps a document under its digest; does not register it. */
  save(service: Service): ServiceDigest;
  saved(digest: ServiceDigest): Service | undefined;
  /** Removes registrations, their files and triggers; unknown ones are no error. Keys and key-value data stay. */
  remove(managers: readonly ServiceManager[]): Promise<void>;
  /** @throws WavsError `service_unknown` */
  signer(serviceId: ServiceId): Promise<{ readonly hdIndex: number; readonly address: EvmAddress }>;
  chains(): readonly ChainConfig[];
  chain(key: ChainKey): ChainConfig | undefined;
  /** Adds a chain until the next restart. @throws WavsError `chain_exists`, `chain_config_mismatch` (spec/wire.md 5.3) */
  addChain(config: ChainConfig): Promise<void>;
  componentDigests(): Promise<readonly ComponentDigest[]>;
}
