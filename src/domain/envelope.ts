import { encodeAbiParameters, hashMessage, keccak256, parseAbiParameters } from "viem";
import { bytesToHex, hexToBytes } from "./hex.ts";
import type { Bytes32, EventId, Hex } from "./ids.ts";
import { eventOrderOf } from "./event_order.ts";
import type { SignatureKind } from "./service.ts";
import type { Envelope, WasmResponse } from "./submission.ts";

const ENVELOPE_PARAMETERS = parseAbiParameters([
  "Envelope envelope",
  "struct Envelope { bytes20 eventId; bytes12 ordering; bytes payload; }",
]);

/** An envelope as the contract ABI library takes it. */
export interface AbiEnvelope {
  readonly eventId: Hex;
  readonly ordering: Hex;
  readonly payload: Hex;
}

/** What a response looks like on chain (spec/wire.md 3.2). */
export function envelopeOf(eventId: EventId, response: WasmResponse): Envelope {
  return { eventId, ordering: eventOrderOf(response.ordering), payload: response.payload };
}

export function abiEnvelope(envelope: Envelope): AbiEnvelope {
  return { eventId: envelope.eventId, ordering: envelope.ordering, payload: bytesToHex(envelope.payload) };
}

/** The ABI encoding of the envelope as one dynamic tuple (spec/wire.md 3.2). */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return hexToBytes(encodeAbiParameters(ENVELOPE_PARAMETERS, [abiEnvelope(envelope)]));
}

/** Keccak-256 of the encoding: what operators agree on (spec/wire.md 3.2). */
export function envelopeDigest(envelope: Envelope): Bytes32 {
  return keccak256(encodeAbiParameters(ENVELOPE_PARAMETERS, [abiEnvelope(envelope)])) as Bytes32;
}

/** The hash that is signed for a digest (spec/wire.md 3.3). */
export function signingHash(digest: Bytes32, kind: SignatureKind): Bytes32 {
  switch (kind.prefix) {
    case "eip191":
      return hashMessage({ raw: digest }) as Bytes32;
    case undefined:
      return digest;
  }
}

/** Whether two envelopes are the same in every field; only such signatures combine (spec/wire.md 3.8). */
export function sameEnvelope(left: Envelope, right: Envelope): boolean {
  return left.eventId === right.eventId && left.ordering === right.ordering &&
    left.payload.length === right.payload.length && left.payload.every((byte, index) => byte === right.payload[index]);
}
