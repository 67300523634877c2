import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesToHex, isWavsError, parseServiceId, utf8Bytes } from "@/domain/mod.ts";
import { vectors } from "@/domain/testing/vectors.ts";
import {
  decodeCatchUpRequest,
  encodeCatchUpRequest,
  encodeCatchUpResponse,
  splitCatchUpResponse,
} from "./catch_up_frames.ts";
import { MAX_CATCH_UP_RESPONSE_BYTES } from "./limits.ts";

const SERVICE = parseServiceId("76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11");
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("a request has the bytes of the specification", () => {
  const bytes = encodeCatchUpRequest(SERVICE);
  assert.ok(bytesToHex(bytes).startsWith("0x7b22736572766963655f6964223a2237366434"));
  assert.ok(bytesToHex(bytes).endsWith("3131227d"));
  assert.equal(text(bytes), `{"service_id":"${SERVICE}"}`);
  assert.equal(decodeCatchUpRequest(bytes), SERVICE);
});

Deno.test("a response holds the submissions byte for byte, and gives them back so", () => {
  const submission = utf8Bytes(vectors.submission.json);
  const response = encodeCatchUpResponse([submission, submission]);
  assert.equal(text(response), `{"submissions":[${text(submission)},${text(submission)}]}`);
  assert.deepEqual(splitCatchUpResponse(response).map(text), [text(submission), text(submission)]);
  assert.equal(text(encodeCatchUpResponse([])), '{"submissions":[]}');
  assert.deepEqual(splitCatchUpResponse(utf8Bytes('{"submissions":[]}')), []);
});

Deno.test("a request that is none is refused", () => {
  for (const request of ["", "{}", "null", '{"service_id":1}', '{"service_id":"0x"}', `"${"a".repeat(2000)}"`]) {
    assert.throws(() => decodeCatchUpRequest(utf8Bytes(request)), (error) => isWavsError(error, "catch_up_malformed"));
  }
});

Deno.test("items come as they stand in any JSON document with them, whatever else is there", () => {
  fc.assert(fc.property(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (
    submissions,
    others,
    indent,
  ) => {
    delete others.submissions;
    const document = JSON.stringify({ ...others, submissions }, undefined, indent);
    const items = splitCatchUpResponse(utf8Bytes(document)).map((item) => JSON.parse(text(item)));
    assert.deepEqual(items, JSON.parse(JSON.stringify(submissions)));
  }));
});

Deno.test("bytes of any kind are split or refused, and nothing else happens", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    ",",
    ":",
    " ",
    "1",
    '"submissions"',
    '{"submissions":[',
  );
  const scraps = fc.array(pieces, { maxLength: 20 }).map((parts) => utf8Bytes(parts.join("")));
  fc.assert(
    fc.property(fc.oneof(scraps, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      try {
        splitCatchUpResponse(bytes);
      } catch (error) {
        assert.ok(isWavsError(error, "catch_up_malformed"), String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a response stays below its limit by leaving out the latest items", () => {
  const item = utf8Bytes(JSON.stringify("a".repeat(4 * 1024 * 1024)));
  const response = encodeCatchUpResponse([item, item, item]);
  assert.ok(response.length <= MAX_CATCH_UP_RESPONSE_BYTES);
  assert.equal(splitCatchUpResponse(response).length, 2);
});

Deno.test("depth costs no stack", () => {
  const deep = utf8Bytes(`{"submissions":[${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}]}`);
  assert.equal(splitCatchUpResponse(deep).length, 1);
});
