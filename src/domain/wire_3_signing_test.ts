import assert from "node:assert/strict";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { keccak256 } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import {
  bytesToHex,
  cosmosAddressOf,
  decodeCosmosValidateResult,
  encodeCosmosHandleSignedEnvelope,
  encodeCosmosValidateQuery,
  encodeEnvelope,
  encodeHandleSignedEnvelope,
  type Envelope,
  envelopeDigest,
  envelopeOf,
  type EvmAddress,
  hexToBytes,
  isWavsError,
  parseBytes32,
  parseEventId,
  parseEventOrder,
  parseEvmAddress,
  parseJson,
  parseSubmission,
  printJson,
  recoverEnvelopeSigner,
  recoverSigner,
  sameEnvelope,
  signatureData,
  type SignatureKind,
  signingHash,
  type Submission,
} from "@/domain/mod.ts";
import { bytes32s, envelopes, evmAddresses } from "./testing/arbitraries.ts";
import { vectors, vectorTest } from "./testing/vectors.ts";

const EIP191: SignatureKind = { algorithm: "secp256k1", prefix: "eip191" };
const PLAIN: SignatureKind = { algorithm: "secp256k1", prefix: undefined };
const { mnemonic } = vectors.keys;

for (const { path, address } of vectors.keys.evm) {
  vectorTest("wire.md 3.1", `address at ${path}`, () => {
    assert.equal(mnemonicToAccount(mnemonic, { addressIndex: Number(path.split("/").at(-1)) }).address, address);
  });
}

vectorTest("wire.md B", "address at index 0 of the second operator", () => {
  const second = "aspect mushroom fly cousin hobby body need dose blind siren shoe annual";
  assert.equal(mnemonicToAccount(second).address, "0x55a8F5cac28c2dA45aFA89c46e47CC4A445570AE");
});

for (const address of vectors.keys.cosmos.addresses) {
  vectorTest("wire.md 3.1", `address ${address}`, () => {
    // The library types only Ethereum's coin number; its derivation takes any.
    const path = vectors.keys.cosmos.path as "m/44'/60'/0'/0/0";
    const publicKey = mnemonicToAccount(mnemonic, { path }).getHdKey().publicKey ?? new Uint8Array();
    const prefix = address.slice(0, address.indexOf("1"));
    assert.equal(cosmosAddressOf(prefix, ripemd160(sha256(publicKey))), address);
  });
}

for (const row of vectors.envelope) {
  const envelope: Envelope = {
    eventId: parseEventId(row.envelope.eventId),
    ordering: parseEventOrder(row.envelope.ordering),
    payload: hexToBytes(row.envelope.payload),
  };
  const digest = envelopeDigest(envelope);
  const account = mnemonicToAccount(mnemonic, { addressIndex: row.signer_index });
  const signer = account.address.toLowerCase();

  vectorTest("wire.md 3.2", "envelope encoding", () => {
    assert.equal(bytesToHex(encodeEnvelope(envelope)), row.encoded);
    assert.equal(encodeEnvelope(envelope).length, 192);
  });
  vectorTest("wire.md 3.2", "envelope digest", () => assert.equal(digest, row.digest));
  vectorTest("wire.md 3.3", "EIP-191 hash", () => assert.equal(signingHash(digest, EIP191), row.eip191_hash));
  vectorTest("wire.md 3.3", "hash without prefix", () => assert.equal(signingHash(digest, PLAIN), row.digest));
  vectorTest("wire.md 3.3", "EIP-191 signature", async () => {
    assert.equal(await account.sign({ hash: signingHash(digest, EIP191) }), row.signature_eip191);
  });
  vectorTest("wire.md 3.3", "signature without prefix", async () => {
    assert.equal(await account.sign({ hash: signingHash(digest, PLAIN) }), row.signature_plain);
  });
  vectorTest("wire.md 3.4", "signer of the EIP-191 signature", () => {
    const signature = { data: hexToBytes(row.signature_eip191), kind: EIP191 };
    assert.equal(recoverEnvelopeSigner(envelope, signature), signer);
  });
  vectorTest("wire.md 3.4", "signer of the signature without prefix", () => {
    const signature = { data: hexToBytes(row.signature_plain), kind: PLAIN };
    assert.equal(recoverEnvelopeSigner(envelope, signature), signer);
  });
}

const { submission: expected } = vectors;
const submission: Submission = parseSubmission(expected.json);
const signed = signatureData([{
  signer: parseEvmAddress(expected.signer),
  signature: submission.envelopeSignature.data,
}], BigInt(expected.reference_block));

vectorTest("wire.md C.3", "envelope of the submission", () => {
  assert.deepEqual(envelopeOf(submission.eventId, submission.operatorResponse), submission.envelope);
});
vectorTest("wire.md C.3", "envelope digest of the submission", () => {
  assert.equal(envelopeDigest(submission.envelope), expected.digest);
});
vectorTest("wire.md C.3", "signer of the submission", () => {
  const signer = recoverEnvelopeSigner(submission.envelope, submission.envelopeSignature);
  assert.equal(signer, expected.signer.toLowerCase());
});
vectorTest("wire.md C.3", "signature of the submission", async () => {
  const account = mnemonicToAccount(mnemonic, { addressIndex: 1 });
  const hash = signingHash(envelopeDigest(submission.envelope), submission.envelopeSignature.kind);
  assert.equal(await account.sign({ hash }), bytesToHex(submission.envelopeSignature.data));
});
vectorTest("wire.md 3.5", "handleSignedEnvelope call data", () => {
  const calldata = encodeHandleSignedEnvelope(submission.envelope, signed);
  assert.equal(calldata, expected.handle_signed_envelope_calldata);
  assert.equal(hexToBytes(calldata).length, 580);
  assert.equal(keccak256(calldata), "0x035e4fa77ec952c96b206a0b82045a613af02a9619fe5a8056b233736a1b05a7");
});
vectorTest("wire.md 3.7", "Cosmos execute message", () => {
  const message = encodeCosmosHandleSignedEnvelope(submission.envelope, signed);
  assert.equal(printJson(message), expected.cosmos_execute_msg);
});
vectorTest("wire.md 4.5", "Cosmos validate query", () => {
  const query = printJson(encodeCosmosValidateQuery(submission.envelope, signed));
  assert.equal(query, expected.cosmos_execute_msg.replace("wavs_handle_signed_envelope", "wavs_validate"));
});

const VALIDATE_RESULTS = [
  ['"ok"', { kind: "ok" }],
  ['{"err":"invalid_signature_length"}', { kind: "rejected", error: "invalid_signature_length" }],
  ['{"err":"invalid_signature_order"}', { kind: "rejected", error: "invalid_signature_order" }],
  ['{"err":{"invalid_signature":"text"}}', { kind: "rejected", error: "invalid_signature: text" }],
  ['{"err":"insufficient_quorum_zero"}', { kind: "rejected", error: "insufficient_quorum_zero" }],
  [
    '{"err":{"insufficient_quorum":{"signer_weight":"1","threshold_weight":"2","total_weight":"3"}}}',
    { kind: "insufficient_quorum", signerWeight: 1n, thresholdWeight: 2n, totalWeight: 3n },
  ],
  ['{"err":"invalid_quorum_parameters"}', { kind: "rejected", error: "invalid_quorum_parameters" }],
] as const;

for (const [text, result] of VALIDATE_RESULTS) {
  vectorTest("wire.md 4.5", `validate result ${text}`, () => {
    assert.deepEqual(decodeCosmosValidateResult(parseJson(text)), result);
  });
}

const CURVE_ORDER = secp256k1.Point.Fn.ORDER;

Deno.test("the signer is recovered whatever form of v and s a signature has", () => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((key) => secp256k1.utils.isValidSecretKey(key));
  fc.assert(
    fc.property(bytes32s(), keys, (hash, key) => {
      const { signature, parity } = sign(hash, key);
      const low = Array.from(signature);
      const high = Array.from(flipS(signature));
      const signers = [
        ...[parity, 27 + parity, 35 + parity, 37 + parity].map((v) => recoverSigner(hash, Uint8Array.of(...low, v))),
        recoverSigner(hash, Uint8Array.of(...high, 27 + (1 - parity))),
      ];
      assert.deepEqual(new Set(signers).size, 1);
    }),
    { numRuns: 20 },
  );
});

const HASH = parseBytes32("11".repeat(32));

for (const v of [2, 3, 26, 29, 34]) {
  Deno.test(`a signature whose v is ${v} is refused`, () => {
    const { signature } = sign(HASH, new Uint8Array(32).fill(1));
    refusesSignature(Uint8Array.of(...signature, v));
  });
}

Deno.test("a signature of another length than 65 bytes is refused", () => {
  for (const length of [0, 64, 66]) refusesSignature(new Uint8Array(length));
});

Deno.test("a signature with r or s out of range is refused", () => {
  refusesSignature(Uint8Array.of(...new Uint8Array(64), 27));
  refusesSignature(Uint8Array.of(...new Uint8Array(64).fill(0xff), 27));
});

Deno.test("signature data has ascending signers beside their signatures and 32 bits of the block", () => {
  fc.assert(fc.property(fc.uniqueArray(evmAddresses(), { maxLength: 6 }), (signers) => {
    const data = signatureData(signers.map((signer) => ({ signer, signature: hexToBytes(signer) })), 2n ** 32n + 5n);
    const ascending = [...signers].sort((left, right) => BigInt(left) < BigInt(right) ? -1 : 1);
    assert.deepEqual(data, { signers: ascending, signatures: ascending as string[], referenceBlock: 5 });
  }));
});

Deno.test("envelopes are the same when every field is", () => {
  fc.assert(fc.property(envelopes(), envelopes(), (left, right) => {
    assert.equal(sameEnvelope(left, structuredClone(left)), true);
    assert.equal(sameEnvelope(left, right), envelopeDigest(left) === envelopeDigest(right));
  }));
});

Deno.test("envelopes that differ in one field are not the same", () => {
  const { envelope } = submission;
  assert.equal(sameEnvelope(envelope, { ...envelope, eventId: parseEventId("01".repeat(20)) }), false);
  assert.equal(sameEnvelope(envelope, { ...envelope, ordering: parseEventOrder("01".repeat(12)) }), false);
  assert.equal(sameEnvelope(envelope, { ...envelope, payload: envelope.payload.subarray(1) }), false);
  assert.equal(sameEnvelope(envelope, { ...envelope, payload: envelope.payload.map((byte) => byte ^ 1) }), false);
});

Deno.test("the kind of a signature decides who signed", () => {
  const plain = { ...submission.envelopeSignature, kind: PLAIN };
  const signer: EvmAddress = recoverEnvelopeSigner(submission.envelope, plain);
  assert.notEqual(signer, expected.signer.toLowerCase());
});

function sign(hash: string, key: Uint8Array): { readonly signature: Uint8Array; readonly parity: 0 | 1 } {
  const recovered = secp256k1.sign(hexToBytes(hash), key, { prehash: false, format: "recovered" });
  return { signature: recovered.slice(1), parity: recovered[0] === 1 ? 1 : 0 };
}

function flipS(signature: Uint8Array): Uint8Array {
  const s = BigInt(bytesToHex(signature.subarray(32)));
  const flipped = (CURVE_ORDER - s).toString(16).padStart(64, "0");
  return Uint8Array.of(...signature.subarray(0, 32), ...hexToBytes(flipped));
}

function refusesSignature(signature: Uint8Array): void {
  assert.throws(() => recoverSigner(HASH, signature), (error) => isWavsError(error, "invalid_signature"));
}
