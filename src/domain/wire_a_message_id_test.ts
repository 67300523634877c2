import assert from "node:assert/strict";
import { bytesToHex, gossipMessageId, hexToBytes, utf8Bytes } from "@/domain/mod.ts";
import { sipHash13 } from "./siphash.ts";
import { vectors, vectorTest } from "./testing/vectors.ts";

for (const { data_utf8, peer_digest, topic, id } of vectors.gossip_message_id) {
  vectorTest("wire.md A", `message id ${peer_digest === null ? "without" : "with"} source`, () => {
    const source = peer_digest === null ? undefined : { code: 0, digest: hexToBytes(peer_digest) };
    assert.equal(gossipMessageId({ data: utf8Bytes(data_utf8), source, topic }), id);
  });
}

Deno.test("the hash equals a 64-bit reference for every tail length and at any offset of its buffer", () => {
  for (let length = 0; length <= 40; length++) {
    const buffer = Uint8Array.from({ length: length + 3 }, (_, index) => (index * 37 + 11) & 0xff);
    const bytes = buffer.subarray(3);
    assert.equal(sipHash13(bytes), sipHash13Reference(bytes), `${length} bytes ${bytesToHex(bytes)}`);
  }
});

const u64 = (value: bigint) => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint) => u64(value << bits) | (value >> (64n - bits));

/** The algorithm as it is published, in 64-bit words. */
function sipHash13Reference(bytes: Uint8Array): bigint {
  let [v0, v1, v2, v3] = [0x736f6d6570736575n, 0x646f72616e646f6dn, 0x6c7967656e657261n, 0x7465646279746573n];
  const round = () => {
    v0 = u64(v0 + v1);
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = u64(v2 + v3);
    v3 = rotate(v3, 16n) ^ v2;
    v0 = u64(v0 + v3);
    v3 = rotate(v3, 21n) ^ v0;
    v2 = u64(v2 + v1);
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  const padded = new Uint8Array(Math.floor(bytes.length / 8) * 8 + 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  const view = new DataView(padded.buffer);
  for (let offset = 0; offset < padded.length; offset += 8) {
    const word = view.getBigUint64(offset, true);
    v3 ^= word;
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let count = 0; count < 3; count++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}
