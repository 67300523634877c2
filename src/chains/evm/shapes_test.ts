import assert from "node:assert/strict";
import fc from "fast-check";
import { isWavsError, parseBytes32 } from "@/domain/mod.ts";
import { decodeMessage } from "./json_rpc.ts";
import { parseHeader, parseLog, parseQuantity, quantity } from "./shapes.ts";

const HASH = parseBytes32("11".repeat(32));
const LOG = {
  address: `0x${"aB".repeat(20)}`,
  topics: [HASH],
  data: "0x0102",
  blockNumber: "0x10",
  blockHash: HASH,
  transactionHash: HASH,
  transactionIndex: "0x1",
  logIndex: "0x2",
};

/** Whatever `parse` is given, it either reads it or says that the answer is invalid. */
function neverCrashes(parse: (value: unknown) => unknown) {
  return (value: unknown) => {
    try {
      parse(value);
    } catch (error) {
      assert.ok(isWavsError(error, "rpc_invalid_answer"), `threw ${error}`);
    }
  };
}

Deno.test("quantities up to 64 bits are read as they are written", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
    assert.equal(parseQuantity(quantity(value)), value);
  }));
  for (const damaged of ["", "0x", "10", "0xg", "-0x1", "0x10000000000000000", 1, null, undefined, {}]) {
    assert.throws(() => parseQuantity(damaged), (error) => isWavsError(error, "rpc_invalid_answer"), String(damaged));
  }
});

Deno.test("anything at all can be sent in place of a header, a log or a message without harm", () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.record(Object.fromEntries(Object.keys(LOG).map((key) => [key, fc.anything()])), { requiredKeys: [] }),
  );
  fc.assert(fc.property(anything, neverCrashes(parseHeader)));
  fc.assert(fc.property(anything, neverCrashes(parseLog)));
  const texts = fc.oneof(fc.string(), fc.json());
  fc.assert(fc.property(texts, neverCrashes((text) => decodeMessage(String(text)))));
});

Deno.test("a log is dropped when a reorg removed it or a member that places it is missing", () => {
  assert.ok(!("dropped" in parseLog(LOG)));
  assert.ok("dropped" in parseLog({ ...LOG, removed: true }));
  for (const member of ["blockHash", "blockNumber", "transactionHash", "transactionIndex", "logIndex"]) {
    assert.ok("dropped" in parseLog({ ...LOG, [member]: null }), `null ${member}`);
    assert.ok("dropped" in parseLog({ ...LOG, [member]: undefined }), `no ${member}`);
  }
});

Deno.test("the timestamp of a log is the provider's own or none", () => {
  const [without, withOne] = [parseLog(LOG), parseLog({ ...LOG, blockTimestamp: "0x64" })];
  assert.ok(!("dropped" in without) && without.blockTimestamp === undefined);
  assert.ok(!("dropped" in withOne) && withOne.blockTimestamp === 100n);
});
