import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  addressOfPublicKey,
  envelopeDigest,
  envelopeOf,
  eventIdOf,
  eventSalt,
  type EvmAddress,
  hexToBytes,
  parseServiceId,
  parseWorkflowId,
  printSubmission,
  type ServiceId,
  type SignatureKind,
  signingHash,
  type Submission,
  type TriggerData,
  utf8Bytes,
  type WasmResponse,
} from "@/domain/mod.ts";

export const EIP191: SignatureKind = { algorithm: "secp256k1", prefix: "eip191" };
export const SERVICE = parseServiceId("76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11");

export interface SubmissionDraft {
  readonly serviceId?: ServiceId;
  readonly workflowId?: string;
  readonly data?: TriggerData;
  readonly response?: Partial<WasmResponse>;
  readonly kind?: SignatureKind;
  /** The first byte of the private key; the others are zero but the last. */
  readonly key?: number;
}

/** The private key of test operator number `key`. */
export function operatorKey(key: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => index === 0 ? key : index === 31 ? 1 : 0);
}

export function operatorAddress(key: number): EvmAddress {
  return addressOfPublicKey(secp256k1.getPublicKey(operatorKey(key), false));
}

/** A submission as a correct operator makes it. */
export function signedSubmission(draft: SubmissionDraft = {}): Submission {
  const serviceId = draft.serviceId ?? SERVICE;
  const workflowId = parseWorkflowId(draft.workflowId ?? "default");
  const data: TriggerData = draft.data ?? { kind: "Raw", data: utf8Bytes("hello world") };
  const operatorResponse = {
    payload: utf8Bytes("answer"),
    ordering: undefined,
    eventIdSalt: undefined,
    ...draft.response,
  };
  const eventId = eventIdOf({ serviceId, workflowId, salt: eventSalt(data, operatorResponse.eventIdSalt) });
  const envelope = envelopeOf(eventId, operatorResponse);
  const kind = draft.kind ?? EIP191;
  const hash = hexToBytes(signingHash(envelopeDigest(envelope), kind));
  const signature = secp256k1.sign(hash, operatorKey(draft.key ?? 1), { prehash: false, format: "recovered" });
  const data65 = Uint8Array.of(...signature.subarray(1), 27 + (signature[0] ?? 0));
  return {
    triggerAction: { config: { serviceId, workflowId, trigger: { kind: "manual" } }, data },
    operatorResponse,
    eventId,
    envelope,
    envelopeSignature: { data: data65, kind },
  };
}

/** As it travels. */
export function submissionBytes(submission: Submission): Uint8Array {
  return utf8Bytes(printSubmission(submission));
}
