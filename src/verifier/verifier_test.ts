import assert from "node:assert/strict";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import {
  bytesToHex,
  envelopeDigest,
  hexToBytes,
  parseBytes32,
  parseEventId,
  parseEventOrder,
  parseServiceId,
  parseSubmission,
  parseWorkflowId,
  recoverSigner,
  type Submission,
  utf8Bytes,
} from "@/domain/mod.ts";
import { bytes as anyBytes, bytes32s, triggerData, wasmResponses } from "@/domain/testing/arbitraries.ts";
import { vectors, vectorTest } from "@/domain/testing/vectors.ts";
import { MAX_REMEMBERED_VERDICTS, MAX_SUBMISSION_BYTES } from "./limits.ts";
import { loadRecovery } from "./recovery.ts";
import {
  EIP191,
  operatorAddress,
  operatorKey,
  signedSubmission,
  submissionBytes,
} from "./testing/signed_submission.ts";
import type { Verdict } from "./types.ts";
import { Verdicts } from "./verifier.ts";

const CURVE_ORDER = secp256k1.Point.CURVE().n;
const recover = await loadRecovery();

function verdictOn(bytes: Uint8Array): Verdict {
  return new Verdicts(recover).of(bytes);
}

function refusalOf(submission: Submission | string): string {
  const bytes = typeof submission === "string" ? utf8Bytes(submission) : submissionBytes(submission);
  const verdict = verdictOn(bytes);
  return verdict.kind === "refused" ? verdict.code : verdict.kind;
}

function accepted(submission: Submission) {
  const verdict = verdictOn(submissionBytes(submission));
  assert.equal(verdict.kind, "verified", JSON.stringify(verdict));
  assert.ok(verdict.kind === "verified");
  return verdict.submission;
}

function respelled(signature: Uint8Array, change: { readonly s?: (s: bigint) => bigint; readonly v?: number }) {
  const copy = signature.slice();
  if (change.s !== undefined) {
    const s = change.s(BigInt(`0x${copy.subarray(32, 64).toHex()}`));
    copy.set(hexToBytes(s.toString(16).padStart(64, "0")), 32);
  }
  if (change.v !== undefined) copy[64] = change.v;
  return copy;
}

const expected = vectors.submission;
const honest = signedSubmission();

vectorTest("wire.md C.3", "verdict on the submission", () => {
  const parsed = parseSubmission(expected.json);
  const verdict = verdictOn(utf8Bytes(expected.json));
  assert.deepEqual(verdict, {
    kind: "verified",
    submission: {
      serviceId: parsed.triggerAction.config.serviceId,
      workflowId: parsed.triggerAction.config.workflowId,
      eventId: parsed.eventId,
      envelopeDigest: expected.digest,
      signer: expected.signer.toLowerCase(),
      signature: parsed.envelopeSignature,
    },
  });
});

Deno.test("what a correct operator sends is verified, whatever its trigger, response and signature kind", () => {
  fc.assert(
    fc.property(
      triggerData(),
      wasmResponses(),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      (data, response, key, prefixed) => {
        const kind = prefixed ? EIP191 : { algorithm: "secp256k1", prefix: undefined } as const;
        const submission = signedSubmission({ data, response, key, kind });
        const verified = accepted(submission);
        assert.equal(verified.signer, operatorAddress(key));
        assert.equal(verified.eventId, submission.eventId);
        assert.equal(verified.envelopeDigest, envelopeDigest(submission.envelope));
        assert.deepEqual(verified.signature, submission.envelopeSignature);
      },
    ),
  );
});

Deno.test("the recovery agrees with an independent implementation on every kind of signature", () => {
  const signatures = fc.oneof(
    fc.uint8Array({ minLength: 65, maxLength: 65 }),
    fc.tuple(bytes32s(), fc.integer({ min: 1, max: 255 }), fc.constantFrom(0, 1, 27, 28, 35, 36, 255), fc.boolean())
      .map(([hash, key, v, high]) => {
        const signature = secp256k1.sign(hexToBytes(hash), operatorKey(key), { prehash: false, format: "recovered" });
        const compact = Uint8Array.of(...signature.subarray(1), v);
        return respelled(compact, { s: (s) => high ? CURVE_ORDER - s : s });
      }),
    fc.uint8Array({ maxLength: 70 }),
  );
  fc.assert(
    fc.property(bytes32s(), signatures, (hash, signature) => {
      const attempt = (work: () => string) => {
        try {
          return work();
        } catch {
          return "refused";
        }
      };
      assert.equal(
        attempt(() => recover(hash, signature).signer),
        attempt(() => recoverSigner(hash, signature)),
      );
    }),
    { numRuns: 300 },
  );
});

Deno.test("every spelling of a signature counts as its canonical form", () => {
  const { data } = honest.envelopeSignature;
  const v = data[64] ?? 0;
  const spellings = [
    respelled(data, { v: v - 27 }),
    respelled(data, { v: v + 8 }),
    respelled(data, { s: (s) => CURVE_ORDER - s, v: 55 - v }),
    respelled(data, { s: (s) => CURVE_ORDER - s, v: 28 - v }),
  ];
  for (const spelling of spellings) {
    const verified = accepted({ ...honest, envelopeSignature: { data: spelling, kind: EIP191 } });
    assert.equal(verified.signer, operatorAddress(1), bytesToHex(spelling));
    assert.deepEqual(verified.signature.data, data, bytesToHex(spelling));
  }
});

Deno.test("a signature that is none is refused", () => {
  const { data } = honest.envelopeSignature;
  const broken = [
    data.subarray(0, 64),
    Uint8Array.of(...data, 0),
    respelled(data, { v: 2 }),
    respelled(data, { s: () => 0n }),
    respelled(data, { s: () => CURVE_ORDER }),
    new Uint8Array(65).fill(0xff),
    new Uint8Array(65),
  ];
  for (const signature of broken) {
    const submission = { ...honest, envelopeSignature: { data: signature, kind: EIP191 } };
    assert.equal(refusalOf(submission), "invalid_signature", bytesToHex(signature));
  }
});

Deno.test("an event id that service, workflow, trigger and salt do not make is refused", () => {
  const { triggerAction: action, operatorResponse: response } = honest;
  const { config } = action;
  const otherId = parseEventId("ab".repeat(20));
  const lies: Readonly<Record<string, Submission>> = {
    "another id": { ...honest, eventId: otherId, envelope: { ...honest.envelope, eventId: otherId } },
    "another salt": { ...honest, operatorResponse: { ...response, eventIdSalt: utf8Bytes("salt") } },
    "an empty salt": { ...honest, operatorResponse: { ...response, eventIdSalt: new Uint8Array() } },
    "another trigger": {
      ...honest,
      triggerAction: { ...action, data: { kind: "Raw", data: utf8Bytes("hello worle") } },
    },
    "another service": {
      ...honest,
      triggerAction: { ...action, config: { ...config, serviceId: parseServiceId("99".repeat(32)) } },
    },
    "another workflow": {
      ...honest,
      triggerAction: { ...action, config: { ...config, workflowId: parseWorkflowId("other") } },
    },
  };
  for (const [name, lie] of Object.entries(lies)) assert.equal(refusalOf(lie), "event_id_mismatch", name);
});

Deno.test("an envelope that event id and response do not make is refused", () => {
  const { envelope, operatorResponse: response } = honest;
  const lies: Readonly<Record<string, Submission>> = {
    "another event": { ...honest, envelope: { ...envelope, eventId: parseEventId("ab".repeat(20)) } },
    "another order": { ...honest, envelope: { ...envelope, ordering: parseEventOrder("00".repeat(11) + "01") } },
    "another payload": { ...honest, envelope: { ...envelope, payload: utf8Bytes("other") } },
    "another response": { ...honest, operatorResponse: { ...response, payload: utf8Bytes("other") } },
    "a swapped order": { ...honest, operatorResponse: { ...response, ordering: 7n } },
  };
  for (const [name, lie] of Object.entries(lies)) assert.equal(refusalOf(lie), "envelope_mismatch", name);
});

Deno.test("a signature moved to another envelope names somebody else", () => {
  const other = signedSubmission({ response: { payload: utf8Bytes("other") } });
  const verified = accepted({ ...other, envelopeSignature: honest.envelopeSignature });
  assert.notEqual(verified.signer, operatorAddress(1));
});

Deno.test("what is no submission is refused as malformed", () => {
  const text = new TextDecoder().decode(submissionBytes(honest));
  const broken: Readonly<Record<string, string>> = {
    "nothing": "",
    "half a document": text.slice(0, -1),
    "another document after it": `${text}{}`,
    "arrays deeper than any reader goes": "[".repeat(60_000),
    "objects deeper than any reader goes": '{"a":'.repeat(12_000),
    "a huge number for an order": text.replace('"ordering":null', `"ordering":${"9".repeat(40_000)}`),
    "a negative order": text.replace('"ordering":null', '"ordering":-1'),
    "a fraction for an order": text.replace('"ordering":null', '"ordering":1.5'),
    "a byte that is none": text.replace('"data":[', '"data":[256,'),
    "an event id of 19 bytes": text.replace(honest.eventId, honest.eventId.slice(0, -2)),
    "a field twice": text.replace('"event_id":', `"event_id":"${honest.eventId}","event_id":`),
    "an unknown kind of signature": text.replace('"secp256k1"', '"bls12381"'),
    "no signature": text.replace('"envelope_signature"', '"signature"'),
  };
  for (const [name, document] of Object.entries(broken)) {
    assert.equal(refusalOf(document), "submission_malformed", name);
  }
  assert.equal(verdictOn(new Uint8Array([0xff, 0xfe])).kind, "refused", "bytes that are not UTF-8");
});

Deno.test("a submission over the size of a gossip message is refused without being read", () => {
  const text = new TextDecoder().decode(submissionBytes(honest));
  assert.equal(refusalOf(text.padEnd(MAX_SUBMISSION_BYTES)), "verified");
  assert.equal(refusalOf(text.padEnd(MAX_SUBMISSION_BYTES + 1)), "submission_too_large");
});

Deno.test("any bytes get a verdict, and damaged submissions never verify for the operator that signed the whole one", () => {
  fc.assert(fc.property(anyBytes(200), (bytes) => verdictOn(bytes).kind === "refused"));
  const sound = submissionBytes(honest);
  const signer = operatorAddress(1);
  fc.assert(
    fc.property(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const damaged = sound.slice();
      damaged[at] = (damaged[at] ?? 0) ^ flip;
      const verdict = verdictOn(damaged);
      if (verdict.kind === "refused" || verdict.submission.signer !== signer) return;
      // Only fields nobody signs may differ then: the trigger's name, letter case, spaces.
      assert.equal(verdict.submission.eventId, honest.eventId);
      assert.equal(verdict.submission.envelopeDigest, envelopeDigest(honest.envelope));
    }),
    { numRuns: 500 },
  );
});

Deno.test("the same bytes are verified once, and the memory of verdicts is bounded", () => {
  let recoveries = 0;
  const verdicts = new Verdicts((hash, signature) => {
    recoveries++;
    return recover(hash, signature);
  });
  const bytes = submissionBytes(honest);
  for (let time = 0; time < 3; time++) assert.equal(verdicts.of(bytes.slice()).kind, "verified");
  assert.equal(recoveries, 1);
  for (let index = 0; index <= MAX_REMEMBERED_VERDICTS; index++) verdicts.of(utf8Bytes(String(index)));
  assert.equal(verdicts.size, MAX_REMEMBERED_VERDICTS);
  verdicts.of(bytes);
  assert.equal(recoveries, 2, "what was forgotten is verified again");
});

Deno.test("a hash without a signer is told as such", () => {
  const hash = parseBytes32("00".repeat(32));
  assert.throws(() => recover(hash, Uint8Array.of(...new Uint8Array(31).fill(0), 5, ...new Uint8Array(31), 1, 27)), {
    code: "invalid_signature",
  });
});
