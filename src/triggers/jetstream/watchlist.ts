import type { ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import type { Trigger } from "@/domain/trigger.ts";
import { sortedUtf8 } from "@/domain/utf8.ts";
import type { AtProtoEvent } from "./frame.ts";
import { MAX_WANTED_COLLECTIONS, MAX_WANTED_DIDS } from "./limits.ts";

export type AtProtoTrigger = Extract<Trigger, { kind: "at_proto_event" }>;

/** One workflow that waits for events of repositories. */
export interface AtProtoWorkflow {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: AtProtoTrigger;
}

/** What a server is asked for; an empty list asks for everything. */
export interface UpstreamFilter {
  readonly wantedCollections: readonly string[];
  readonly wantedDids: readonly string[];
}

/** Everything the source watches for. */
export interface JetstreamWatchlist {
  readonly workflows: readonly AtProtoWorkflow[];
  readonly filter: UpstreamFilter;
  /** By collection, for triggers that name one. */
  readonly exact: ReadonlyMap<string, readonly AtProtoWorkflow[]>;
  /** Triggers for all collections under a name. */
  readonly patterns: readonly { readonly prefix: string; readonly workflow: AtProtoWorkflow }[];
}

/**
 * What a registry has to be watched for. Paused services are: whether an event is executed is decided when it is
 * recorded (spec/network.md 1.1).
 */
export function jetstreamWatchlist({ services }: RegistrySnapshot): JetstreamWatchlist {
  const workflows = services.flatMap(({ serviceId, workflows }) =>
    workflows.flatMap(({ workflowId, trigger }) =>
      trigger.kind === "at_proto_event" ? [{ serviceId, workflowId, trigger }] : []
    )
  );
  return {
    workflows,
    filter: filterOf(workflows),
    exact: Map.groupBy(workflows, ({ trigger }) => trigger.collection),
    patterns: workflows.flatMap((workflow) => {
      const { collection } = workflow.trigger;
      return collection.endsWith(".*") ? [{ prefix: collection.slice(0, -1), workflow }] : [];
    }),
  };
}

/** Who waits for an event: each of the three parts of a trigger must fit, and a missing one fits all. */
export function workflowsFor(
  { exact, patterns }: JetstreamWatchlist,
  { collection, repo, action }: Pick<AtProtoEvent, "collection" | "repo" | "action">,
): readonly AtProtoWorkflow[] {
  const named = exact.get(collection) ?? [];
  const covered = patterns.filter(({ prefix }) => collection.startsWith(prefix)).map(({ workflow }) => workflow);
  return unique([...named, ...covered]).filter(({ trigger }) =>
    (trigger.repoDid ?? repo) === repo && (trigger.action ?? action) === action
  );
}

/** What makes a watched trigger itself: another collection, repository or action is another trigger. */
export function workflowKey({ serviceId, workflowId, trigger }: AtProtoWorkflow): string {
  const { collection, repoDid = "", action = "" } = trigger;
  return `${serviceId}/${workflowId}/${collection}/${repoDid}/${action}`;
}

/** The narrowest filter a server understands; what it lets through besides is left out here. */
function filterOf(workflows: readonly AtProtoWorkflow[]): UpstreamFilter {
  const collections = unique(workflows.map(({ trigger }) => upstreamCollection(trigger.collection)));
  const dids = unique(workflows.map(({ trigger }) => upstreamDid(trigger.repoDid)));
  return {
    wantedCollections: withinLimit(collections, MAX_WANTED_COLLECTIONS),
    wantedDids: withinLimit(dids, MAX_WANTED_DIDS),
  };
}

function withinLimit(names: readonly (string | undefined)[], max: number): readonly string[] {
  const known = names.filter((name) => name !== undefined);
  return known.length < names.length || known.length > max ? [] : sortedUtf8(known);
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

const NSID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+\.[a-z][a-z0-9]{0,62}$/i;
const MAX_NSID_CHARS = 317;

/** `undefined` for what cannot be asked for by name; servers refuse a filter with a name they do not understand. */
function upstreamCollection(collection: string): string | undefined {
  // Events of identities and accounts come whatever collections are wanted; as a collection this one has no records.
  if (collection === "identity" || collection === "account") return "identity.*";
  if (collection.endsWith(".*")) return collection;
  return NSID.test(collection) && collection.length <= MAX_NSID_CHARS ? collection : undefined;
}

const DID = /^did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]$/;

function upstreamDid(did: string | undefined): string | undefined {
  return did !== undefined && DID.test(did) ? did : undefined;
}
