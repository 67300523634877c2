import type { Branded } from "@/domain/brand.ts";
import type { Bytes32, ChainKey, EvmAddress, ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { RegistryChannel, RegistrySnapshot } from "@/domain/registry.ts";
import type { Trigger, TriggerData } from "@/domain/trigger.ts";
import type { JetstreamOptions } from "./jetstream/options.ts";
import type { MissedPolicy } from "./missed.ts";

/** Which source a cursor belongs to: `evm:31337`, `manual`. */
export type SourceName = Branded<string, "SourceName">;

/** Where a source has got to, opaque to everyone but the source; stored beside the events it produced. */
export type Cursor = Branded<string, "Cursor">;

/**
 * What makes one occurrence of a trigger unique for its workflow, for example `evm:31337/<block hash>/<log index>`.
 * Together with service and workflow it is the journal's unique key, so a second delivery is a no-op.
 */
export type TriggerIdentity = Branded<string, "TriggerIdentity">;

/** A trigger of one workflow that fired. */
export interface DetectedEvent {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: Trigger;
  readonly data: TriggerData;
  readonly identity: TriggerIdentity;
  /** The block it stands in, for events of a chain. */
  readonly block: { readonly chain: ChainKey; readonly number: bigint; readonly hash: Bytes32 } | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly detectedAtMs: number;
}

/** A service manager announced another service URI (spec/wire.md 4.4). */
export interface ServiceUriChange {
  readonly serviceId: ServiceId;
  readonly chain: ChainKey;
  readonly managerAddress: EvmAddress;
  readonly uri: string;
  readonly blockNumber: bigint;
  readonly identity: TriggerIdentity;
}

/** One batch a source hands to the journal. All of it and the cursor are committed together or not at all. */
export interface SourceBatch {
  readonly source: SourceName;
  readonly cursor: Cursor;
  readonly events: readonly DetectedEvent[];
  readonly uriChanges: readonly ServiceUriChange[];
  /** Blocks that a reorg took out of the chain; events of theirs that are not signed yet are withdrawn. */
  readonly orphanedBlocks: readonly { readonly chain: ChainKey; readonly hash: Bytes32 }[];
}

export interface SourceHealth {
  readonly source: SourceName;
  readonly connected: boolean;
  readonly endpoint: string | undefined;
  /** Of a chain or a feed: the latest block it has heard of, and the one up to which everything was handed over. */
  readonly blocks: { readonly head: bigint; readonly delivered: bigint } | undefined;
  /** Of a stream of events: how old the latest one was when it was read, in milliseconds. */
  readonly lagMs: number | undefined;
  readonly lastError: string | undefined;
}

/** One EVM chain as `GET /dev/trigger-streams` shows it (spec/wire.md 5.3). */
export interface StreamInfo {
  readonly chain: ChainKey;
  readonly currentEndpoint: string | undefined;
  readonly isConnected: boolean;
  readonly rpcInFlight: boolean;
  /** Provider's subscription id → what it delivers. */
  readonly subscriptions: readonly (
    | { readonly id: string; readonly kind: "newHeads" }
    | {
      readonly id: string;
      readonly kind: "logs";
      readonly addresses: readonly EvmAddress[];
      readonly topics: readonly Bytes32[];
    }
  )[];
}

/** One Hypercore feed as `GET /dev/trigger-streams` shows it (spec/wire.md 5.3). */
export interface FeedStream {
  /** As the trigger spells it. */
  readonly feedKey: string;
  /** Nobody looked for; looked for; somebody who has it is connected. */
  readonly state: "waiting" | "connecting" | "connected";
}

/**
 * A source of trigger events: one chain, one clock, one feed.
 *
 * `batches` yields at-least-once and in source order; the journal drops what it has already seen. A source never gives
 * up: a lost connection is its own business, and only `signal` ends it. The next batch is asked for once the last one
 * is committed, so a slow consumer slows the source.
 */
export interface TriggerSource extends AsyncDisposable {
  readonly name: SourceName;
  batches(from: Cursor | undefined, signal: AbortSignal): AsyncIterable<SourceBatch>;
  /** Takes over what is to be watched; resolves once the source acts on it. */
  watch(registry: RegistrySnapshot): Promise<void>;
  health(): SourceHealth;
}

/** What the triggers are started with. */
export interface TriggersBoot {
  readonly missed: MissedPolicy;
  readonly jetstream: JetstreamOptions;
  readonly registryChannel: RegistryChannel;
}

/** What the triggers worker serves. */
export interface TriggersApi {
  /** Resolves once every source acts on this revision of the registry or a later one. */
  settled(revision: number): void;
  health(argument: undefined): readonly SourceHealth[];
  streams(argument: undefined): readonly StreamInfo[];
  feeds(argument: undefined): readonly FeedStream[];
}

export interface RecordedRange {
  readonly chain: ChainKey;
  readonly above: bigint;
  readonly limit: number;
}

export interface RecordedBlock {
  readonly number: bigint;
  readonly hash: Bytes32;
}

/** What main serves to the triggers worker. */
export interface TriggersMain {
  /** Commits a batch with its cursor; only then may the source go on. */
  deliver(batch: SourceBatch): void;
  cursor(source: SourceName): Cursor | undefined;
  /** The blocks of a chain above a height that have recorded events, the latest first; at most `limit`. */
  recordedBlocks(range: RecordedRange): readonly RecordedBlock[];
  registry(argument: undefined): RegistrySnapshot;
}
