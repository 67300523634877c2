import type { Logger } from "@/context/mod.ts";
import type { AggregatorAction, ComponentDigest, EventId, SerializedError, WasmResponse } from "@/domain/mod.ts";
import type { ExecutionReport, Invocation, World } from "@/engine/mod.ts";

/** One execution as it is shown. */
export interface ExecReport {
  readonly digest: ComponentDigest;
  readonly world: World;
  readonly call: Invocation["kind"];
  readonly ending: ExecEnding;
  readonly cost: ExecutionReport;
}

export type ExecEnding =
  | { readonly kind: "responses"; readonly responses: readonly IdentifiedResponse[] }
  | { readonly kind: "actions"; readonly actions: readonly AggregatorAction[] }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: SerializedError };

/** A response with the event id a node would sign it under. */
export interface IdentifiedResponse extends WasmResponse {
  readonly eventId: EventId;
}

export interface ExecModules {
  readonly log: Logger;
  /** Ends the execution. */
  readonly signal: AbortSignal;
  readonly readEnv: (name: string) => string | undefined;
}
