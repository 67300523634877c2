import type { Logger } from "@/context/mod.ts";
import { describeError, type ServiceId } from "@/domain/mod.ts";
import type { ComponentStore } from "./component_store.ts";
import type { MeteredCache } from "./metered_cache.ts";
import type { ServiceFiles } from "./service_files.ts";
import type { KeyValueStore } from "./types.ts";

export interface SweepModules {
  readonly log: Logger;
  readonly store: ComponentStore;
  readonly metered: MeteredCache | undefined;
  readonly files: ServiceFiles;
  readonly keyValue: KeyValueStore;
  /** Deletes files and key-values of a service. */
  readonly removeServiceData: (serviceId: ServiceId) => Promise<void>;
}

/**
 * Removes what a crash left without an owner. A node works without it as well, so what fails is told and left.
 *
 * @param services those that are registered; everything of others goes
 */
export async function sweep(services: ReadonlySet<ServiceId>, modules: SweepModules): Promise<void> {
  await orTell(modules.log, "Files that were being written stay where they are", () => removePartialFiles(modules));
  await orTell(modules.log, "Metered modules of no use stay where they are", () => sweepMetered(modules));
  await orTell(modules.log, "Data of removed services stay where they are", () => removeOrphans(services, modules));
}

async function removePartialFiles({ log, store }: SweepModules): Promise<void> {
  const { leftovers } = await store.inventory();
  for (const file of leftovers) {
    await store.remove(file);
    log.info("A file that was being written when the node ended is removed", { path: file.path, bytes: file.bytes });
  }
}

async function sweepMetered({ store, metered }: SweepModules): Promise<void> {
  await metered?.sweep(new Set(await store.list()));
}

/** A removal deletes the registration first, so what a crash in the middle of it leaves has no service any more. */
async function removeOrphans(
  services: ReadonlySet<ServiceId>,
  { log, files, keyValue, removeServiceData }: SweepModules,
): Promise<void> {
  const owners = new Set([...await files.owners(), ...keyValue.owners()]);
  for (const serviceId of owners) {
    if (services.has(serviceId)) continue;
    await removeServiceData(serviceId);
    log.info("Files and key-values of a service that is not registered are removed", { serviceId });
  }
}

async function orTell(log: Logger, message: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.warn(message, { reason: describeError(error) });
  }
}
