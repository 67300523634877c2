import {
  decodeSubmission,
  type Envelope,
  envelopeDigest,
  envelopeOf,
  type EventId,
  eventIdOf,
  eventSalt,
  parseJsonBytes,
  sameEnvelope,
  signingHash,
  type Submission,
  WavsError,
} from "@/domain/mod.ts";
import { MAX_SUBMISSION_BYTES } from "./limits.ts";
import type { RecoverSigner } from "./recovery.ts";
import type { RefusalCode, VerifiedSubmission } from "./types.ts";

/**
 * Checks everything about a submission that follows from its own bytes: event id, envelope and signer are computed
 * anew, and what it claims of them must agree (spec/network.md 3.3, 3.4).
 *
 * @throws WavsError with a {@link RefusalCode}
 */
export function verifySubmission(bytes: Uint8Array, recover: RecoverSigner): VerifiedSubmission {
  const submission = readSubmission(bytes);
  const { serviceId, workflowId } = submission.triggerAction.config;
  const eventId = verifiedEventId(submission);
  const envelope = verifiedEnvelope(submission, eventId);
  const digest = envelopeDigest(envelope);
  const { kind, data } = submission.envelopeSignature;
  const { signer, signature } = recover(signingHash(digest, kind), data);
  return { serviceId, workflowId, eventId, envelopeDigest: digest, signer, signature: { data: signature, kind } };
}

function readSubmission(bytes: Uint8Array): Submission {
  if (bytes.length > MAX_SUBMISSION_BYTES) {
    throw refusal("submission_too_large", `it has ${bytes.length} bytes, not ${MAX_SUBMISSION_BYTES} at most`);
  }
  try {
    return decodeSubmission(parseJsonBytes(bytes));
  } catch (error) {
    if (!(error instanceof WavsError)) throw error;
    throw refusal("submission_malformed", error.message, error);
  }
}

function verifiedEventId({ triggerAction, operatorResponse, eventId }: Submission): EventId {
  const { serviceId, workflowId } = triggerAction.config;
  const salt = eventSalt(triggerAction.data, operatorResponse.eventIdSalt);
  const computed = eventIdOf({ serviceId, workflowId, salt });
  if (computed === eventId) return computed;
  throw refusal("event_id_mismatch", `its event id is "${eventId}", its trigger and salt make "${computed}"`);
}

function verifiedEnvelope({ operatorResponse, envelope }: Submission, eventId: EventId): Envelope {
  const rebuilt = envelopeOf(eventId, operatorResponse);
  if (sameEnvelope(rebuilt, envelope)) return rebuilt;
  throw refusal("envelope_mismatch", "its envelope is not the one its event id and response make");
}

function refusal(code: RefusalCode, reason: string, cause?: unknown): WavsError {
  return new WavsError(code, {
    message: `Cannot take a submission because ${reason}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
