import type { Context } from "@/context/mod.ts";
import type {
  ChainKey,
  ComponentDigest,
  EventId,
  ServiceId,
  Trigger,
  TriggerData,
  WasmResponse,
  WorkflowId,
} from "@/domain/mod.ts";
import type { PeerNetworkStatus } from "@/p2p/types.ts";
import type { ServiceRegistry } from "@/services/types.ts";
import type { FeedStream, StreamInfo } from "@/triggers/types.ts";

export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** When set, every changing request and everything below `/dev` must carry it. */
  readonly bearerToken: string | undefined;
  readonly corsAllowedOrigins: readonly string[];
  readonly devEndpointsEnabled: boolean;
  readonly maxBodySizeMb: number;
}

/** A trigger put in by hand. */
export interface ManualTriggerRequest {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  readonly trigger: Trigger;
  readonly data: TriggerData;
  readonly count: number;
}

/** What one execution of a trigger put in by hand came to. */
export interface ManualTriggerResult {
  /** Of the event, once its component has run: `executed` while its responses are on their way. */
  readonly state: string;
  /** Why it ended otherwise. */
  readonly reason: string | undefined;
  readonly responses: readonly { readonly eventId: EventId; readonly response: WasmResponse }[];
}

export interface HttpModules {
  readonly context: Context;
  readonly services: ServiceRegistry;
  upload(bytes: Uint8Array): Promise<ComponentDigest>;
  /**
   * With `wait`, resolves once the executions are over, with a result for each of them.
   *
   * @throws WavsError `trigger_wait_timeout`
   */
  fire(request: ManualTriggerRequest, wait: boolean): Promise<readonly ManualTriggerResult[] | undefined>;
  streams(): Promise<readonly StreamInfo[]>;
  /** `undefined` when this node speaks to no other operators. */
  peers(): Promise<PeerNetworkStatus | undefined>;
  /** The state of every feed that a workflow watches. */
  feeds(): Promise<readonly FeedStream[]>;
  /** Answers at once from the latest checks. */
  health(): Promise<
    { readonly timestampSeconds: number; readonly chains: ReadonlyMap<ChainKey, string | undefined> }
  >;
  /** The body and content type of `/metrics`. */
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
  configJson(): string;
  keyValue(entry: { readonly serviceId: ServiceId; readonly bucket: string; readonly key: string }):
    | Uint8Array
    | undefined;
  readonly node: { readonly name: string; readonly version: string };
}

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}
