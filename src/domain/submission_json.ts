import { bytesToHex, hexToBytes } from "./hex.ts";
import { parseEventId, parseEventOrder } from "./ids.ts";
import {
  byteArray,
  type Decoder,
  jsonObject,
  type JsonValue,
  mapped,
  object,
  optional,
  parsed,
  parseJson,
  printJson,
  u64,
  withDefault,
} from "./json/mod.ts";
import { decodeEvmBytes, encodeByteArray } from "./scalar_json.ts";
import { decodeSignatureKind, encodeSignatureKind } from "./service_json.ts";
import type { AggregatorInput, Envelope, Submission, WasmResponse, WavsSignature } from "./submission.ts";
import { decodeTriggerAction, encodeTriggerAction } from "./trigger_data_json.ts";

/** Bytes of a response are text only, unlike those of an envelope (spec/wire.md 1.0). */
const decodeHexText: Decoder<Uint8Array> = parsed(hexToBytes);

/** Reads one answer of a component; every field may be absent (spec/wire.md 2.6). */
export const decodeWasmResponse: Decoder<WasmResponse> = mapped(
  object({
    payload: withDefault(decodeHexText, new Uint8Array()),
    ordering: optional(u64),
    event_id_salt: optional(decodeHexText),
  }),
  ({ payload, ordering, event_id_salt }) => ({ payload, ordering, eventIdSalt: event_id_salt }),
);

export function encodeWasmResponse(response: WasmResponse): JsonValue {
  return jsonObject({
    payload: bytesToHex(response.payload),
    ordering: response.ordering,
    event_id_salt: response.eventIdSalt === undefined ? undefined : bytesToHex(response.eventIdSalt),
  });
}

/** Reads an envelope; its JSON names are those of the Solidity struct (spec/wire.md 2.6). */
export const decodeEnvelope: Decoder<Envelope> = object({
  eventId: parsed(parseEventId),
  ordering: parsed(parseEventOrder),
  payload: decodeEvmBytes,
});

export function encodeEnvelopeJson(envelope: Envelope): JsonValue {
  return jsonObject({
    eventId: envelope.eventId,
    ordering: envelope.ordering,
    payload: bytesToHex(envelope.payload),
  });
}

/** Reads a signature; whether its bytes are one is for `recoverSigner` to say (spec/wire.md 2.6). */
export const decodeWavsSignature: Decoder<WavsSignature> = object({ data: byteArray, kind: decodeSignatureKind });

export function encodeWavsSignature(signature: WavsSignature): JsonValue {
  return jsonObject({ data: encodeByteArray(signature.data), kind: encodeSignatureKind(signature.kind) });
}

/** Reads the unit operators exchange (spec/wire.md 2.6). Nothing in it is verified here. */
export const decodeSubmission: Decoder<Submission> = mapped(
  object({
    trigger_action: decodeTriggerAction,
    operator_response: decodeWasmResponse,
    event_id: parsed(parseEventId),
    envelope: decodeEnvelope,
    envelope_signature: decodeWavsSignature,
  }),
  ({ trigger_action, operator_response, event_id, envelope, envelope_signature }) => ({
    triggerAction: trigger_action,
    operatorResponse: operator_response,
    eventId: event_id,
    envelope,
    envelopeSignature: envelope_signature,
  }),
);

export function encodeSubmission(submission: Submission): JsonValue {
  return jsonObject({
    trigger_action: encodeTriggerAction(submission.triggerAction),
    operator_response: encodeWasmResponse(submission.operatorResponse),
    event_id: submission.eventId,
    envelope: encodeEnvelopeJson(submission.envelope),
    envelope_signature: encodeWavsSignature(submission.envelopeSignature),
  });
}

/** @throws WavsError `invalid_json` or `invalid_value` */
export function parseSubmission(text: string): Submission {
  return decodeSubmission(parseJson(text));
}

/** The compact text of a gossip message (spec/wire.md A). */
export function printSubmission(submission: Submission): string {
  return printJson(encodeSubmission(submission));
}

/** Reads the input of an aggregator component (spec/wire.md 2.6). */
export const decodeAggregatorInput: Decoder<AggregatorInput> = mapped(
  object({ trigger_action: decodeTriggerAction, operator_response: decodeWasmResponse }),
  ({ trigger_action, operator_response }) => ({ triggerAction: trigger_action, operatorResponse: operator_response }),
);

export function encodeAggregatorInput(input: AggregatorInput): JsonValue {
  return jsonObject({
    trigger_action: encodeTriggerAction(input.triggerAction),
    operator_response: encodeWasmResponse(input.operatorResponse),
  });
}
