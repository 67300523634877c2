import type { Bytes32, EventId, EvmAddress, ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { WavsSignature } from "@/domain/submission.ts";

/** What is left of a submission once everything in it was checked against everything else: no byte of it is free text. */
export interface VerifiedSubmission {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  /** Recomputed from service, workflow and trigger data or salt (spec/network.md 3.3). */
  readonly eventId: EventId;
  /** Of the envelope rebuilt from event id and response (spec/wire.md 3.2). */
  readonly envelopeDigest: Bytes32;
  readonly signer: EvmAddress;
  /** In the one form contracts take: low s, v = 27 or 28. */
  readonly signature: WavsSignature;
}

/** Why a submission is refused; none of it can come from a correct peer. */
export type RefusalCode =
  | "submission_too_large"
  | "submission_malformed"
  | "event_id_mismatch"
  | "envelope_mismatch"
  | "invalid_signature";

export type Verdict =
  | { readonly kind: "verified"; readonly submission: VerifiedSubmission }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly reason: string };

/** What the verifier serves: hostile bytes go in, a {@link Verdict} comes out. */
export interface VerifierApi {
  /** A pure function of the bytes: whether the service is known and the signer counts is for the caller to see. */
  verify(bytes: Uint8Array): Verdict;
}
