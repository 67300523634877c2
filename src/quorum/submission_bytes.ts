import { envelopeOf, printSubmission, type TriggerAction, utf8Bytes, type WavsSignature } from "@/domain/mod.ts";
import type { SubmissionRow } from "@/journal/mod.ts";

export interface SignedRow {
  readonly action: TriggerAction;
  readonly row: Pick<SubmissionRow, "eventId" | "response">;
  readonly signature: WavsSignature;
}

/** A response and a signature of it as operators exchange them (spec/network.md 3.4). */
export function submissionBytes({ action, row, signature }: SignedRow): Uint8Array {
  return utf8Bytes(printSubmission({
    triggerAction: action,
    operatorResponse: row.response,
    eventId: row.eventId,
    envelope: envelopeOf(row.eventId, row.response),
    envelopeSignature: signature,
  }));
}
