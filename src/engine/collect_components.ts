import type { Clock } from "@/context/mod.ts";
import type { ComponentDigest } from "@/domain/mod.ts";
import { ComponentStore, type StoredComponent } from "./component_store.ts";

export interface CollectionOptions {
  readonly dataDirectory: string;
  /** Components that some service runs. */
  readonly referenced: ReadonlySet<ComponentDigest>;
  /** Components that were stored or asked for more recently stay. */
  readonly minAgeMs: number;
  /** Tells what would go, and removes nothing. */
  readonly dryRun: boolean;
}

export interface CollectionModules {
  readonly clock: Clock;
}

export interface CollectionReport {
  /** Removed, or to be removed; by digest. */
  readonly removed: readonly StoredComponent[];
  /** Bytes of writes that were cut short, removed too. */
  readonly leftoverBytes: number;
  readonly kept: readonly StoredComponent[];
}

/**
 * Removes the components no service runs. Whoever calls it holds the data directory: a node would find components gone
 * that it has just been given.
 *
 * @throws WavsError `storage_failed`
 */
export async function collectComponents(
  { dataDirectory, referenced, minAgeMs, dryRun }: CollectionOptions,
  { clock }: CollectionModules,
): Promise<CollectionReport> {
  const store = new ComponentStore({ dataDirectory, durability: "process" }, { clock });
  const { components, leftovers } = await store.inventory();
  const newest = clock.now() - minAgeMs;
  const isGarbage = ({ digest, usedAtMs }: StoredComponent) => !referenced.has(digest) && usedAtMs <= newest;
  const removed = components.filter(isGarbage).sort(byDigest);
  if (!dryRun) { for (const file of [...removed, ...leftovers]) await store.remove(file); }
  return {
    removed,
    leftoverBytes: leftovers.reduce((sum, { bytes }) => sum + bytes, 0),
    kept: components.filter((component) => !isGarbage(component)).sort(byDigest),
  };
}

function byDigest(left: StoredComponent, right: StoredComponent): number {
  return left.digest < right.digest ? -1 : 1;
}
