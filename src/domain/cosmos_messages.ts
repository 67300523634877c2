import { base64 } from "@scure/base";
import { encodeEnvelope } from "./envelope.ts";
import { withoutPrefix } from "./hex.ts";
import { type Decoder, jsonObject, type JsonValue, mapped, object, parsed, string, tagged, unit } from "./json/mod.ts";
import { invalidText } from "./json/path.ts";
import type { Envelope, SignatureData } from "./submission.ts";

/** The message that hands a result to a CosmWasm service handler (spec/wire.md 3.7, 4.6). */
export function encodeCosmosHandleSignedEnvelope(envelope: Envelope, signatures: SignatureData): JsonValue {
  return jsonObject({ wavs_handle_signed_envelope: encodeSignedEnvelope(envelope, signatures) });
}

/** The query that asks a CosmWasm service manager whether signatures suffice (spec/wire.md 3.7, 4.5). */
export function encodeCosmosValidateQuery(envelope: Envelope, signatures: SignatureData): JsonValue {
  return jsonObject({ wavs_validate: encodeSignedEnvelope(envelope, signatures) });
}

/** What a CosmWasm service manager says of signatures (spec/wire.md 4.5). */
export type CosmosValidateResult =
  | { readonly kind: "ok" }
  | {
    readonly kind: "insufficient_quorum";
    readonly signerWeight: bigint;
    readonly thresholdWeight: bigint;
    readonly totalWeight: bigint;
  }
  /** `error` is the contract's word for it. */
  | { readonly kind: "rejected"; readonly error: string };

const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;

const decodeUint256 = parsed((text) => {
  if (!DECIMAL.test(text)) throw invalidText("a decimal number of at most 78 digits", text);
  return BigInt(text);
});

const decodeValidateError: Decoder<CosmosValidateResult> = tagged<CosmosValidateResult>({
  invalid_signature_length: unit({ kind: "rejected", error: "invalid_signature_length" }),
  invalid_signature_order: unit({ kind: "rejected", error: "invalid_signature_order" }),
  invalid_signature: mapped(string, (detail) => ({ kind: "rejected", error: `invalid_signature: ${detail}` })),
  insufficient_quorum_zero: unit({ kind: "rejected", error: "insufficient_quorum_zero" }),
  insufficient_quorum: mapped(
    object({ signer_weight: decodeUint256, threshold_weight: decodeUint256, total_weight: decodeUint256 }),
    ({ signer_weight, threshold_weight, total_weight }) => ({
      kind: "insufficient_quorum",
      signerWeight: signer_weight,
      thresholdWeight: threshold_weight,
      totalWeight: total_weight,
    }),
  ),
  invalid_quorum_parameters: unit({ kind: "rejected", error: "invalid_quorum_parameters" }),
});

/** Reads the answer to {@link encodeCosmosValidateQuery}. */
export const decodeCosmosValidateResult: Decoder<CosmosValidateResult> = tagged<CosmosValidateResult>({
  ok: unit({ kind: "ok" }),
  err: decodeValidateError,
});

function encodeSignedEnvelope(envelope: Envelope, signatures: SignatureData): JsonValue {
  return jsonObject({
    envelope: base64.encode(encodeEnvelope(envelope)),
    signature_data: jsonObject({
      signers: signatures.signers,
      signatures: signatures.signatures.map(withoutPrefix),
      reference_block: BigInt(signatures.referenceBlock),
    }),
  });
}
