import type { AggregatorApi } from "@/aggregator/types.ts";
import type { Context } from "@/context/mod.ts";
import type { ChainConfig, ChainKey, ServiceId, SubmitOutcome } from "@/domain/mod.ts";
import type { Engine } from "@/engine/types.ts";
import type { Journal } from "@/journal/mod.ts";
import type { Remote } from "@/link/mod.ts";
import type { Quorum } from "@/quorum/mod.ts";
import type { RegisteredService } from "@/services/types.ts";
import type { SignerApi } from "@/signer/types.ts";

export interface DispatcherOptions {
  /** How long a response is tried to be brought on chain before it is a dead letter. */
  readonly submissionTtlMs: number;
  /**
   * How long each operator gives the one before it to bring an event on chain; 0 when all are to try at once, as the
   * reference does.
   */
  readonly rankDelayMs: number;
}

/** Hands a submission to the network, once, and says how many peers it went to. @throws WavsError */
export type Publish = (
  message: { readonly serviceId: ServiceId; readonly bytes: Uint8Array },
  options: { readonly signal: AbortSignal },
) => Promise<{ readonly peers: number }>;

/** What the dispatcher moves work between. */
export interface DispatcherModules {
  readonly context: Context;
  readonly journal: Journal;
  readonly engine: Pick<Engine, "execute">;
  readonly signer: Pick<Remote<SignerApi>, "signEnvelope">;
  readonly aggregator: Pick<Remote<AggregatorApi>, "submit" | "standing">;
  readonly quorum: Pick<Quorum, "require" | "signatures" | "reviewedSignatures">;
  /** Tells peers of own submissions; without it nobody is told. */
  readonly publish?: Publish;
  readonly services: ServiceLookup;
  /** Told how each submission ended. */
  readonly submitted?: (chain: ChainKey, outcome: SubmitOutcome) => void;
}

/** The part of the service registry that executions need. */
export interface ServiceLookup {
  get(serviceId: ServiceId): RegisteredService | undefined;
  chains(): readonly ChainConfig[];
}
