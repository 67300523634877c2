import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeErrorResult, type Hex, parseAbi } from "viem";
import { parseEventId, SERVICE_MANAGER_ABI, WavsError } from "@/domain/mod.ts";
import { explainRevert, revertError } from "./reverts.ts";

const EVENT = parseEventId("ab".repeat(20));
const OTHER_EVENT = parseEventId("cd".repeat(20));
const HANDLED_ABI = parseAbi(["error EventAlreadyHandled(bytes20 eventId)", "error Error(string reason)"]);

Deno.test("a handler that has handled this very event says so", () => {
  const data = encodeErrorResult({ abi: HANDLED_ABI, errorName: "EventAlreadyHandled", args: [EVENT] });
  assert.deepEqual(explainRevert(data, EVENT), { kind: "handled" });
  assert.equal(explainRevert(data, OTHER_EVENT).kind, "other");
});

Deno.test("an insufficient quorum keeps its weights", () => {
  const data = encodeErrorResult({ abi: SERVICE_MANAGER_ABI, errorName: "InsufficientQuorum", args: [1n, 2n, 3n] });
  const revert = explainRevert(data, EVENT);
  assert.deepEqual(revert, { kind: "insufficient_quorum", signerWeight: 1n, thresholdWeight: 2n, totalWeight: 3n });
});

Deno.test("what another signature or a block later may cure is retryable, the rest is not", () => {
  const selectors: readonly (readonly [Hex, string, boolean])[] = [
    ["0x2f41f79b", "insufficient_quorum", true],
    ["0x3dda1739", "signer_not_registered", true],
    ["0x898deb1d", "reference_block_too_new", true],
    ["0x8baa579f", "handler_reverted", false],
    ["0x4be6321b", "handler_reverted", false],
    ["0x", "handler_reverted", false],
    ["0xdeadbeef", "handler_reverted", false],
  ];
  for (const [data, code, retryable] of selectors) {
    const revert = explainRevert(data, EVENT);
    assert.ok(revert.kind !== "handled", data);
    const error = revertError(revert, "0x00");
    assert.deepEqual([error.code, error.retryable], [code, retryable], data);
  }
});

Deno.test("a handler's own words reach the reader", () => {
  const data = encodeErrorResult({ abi: HANDLED_ABI, errorName: "Error", args: ["not on Sundays"] });
  const revert = explainRevert(data, EVENT);
  assert.ok(revert.kind === "other");
  assert.match(revertError(revert, "0x00").message, /not on Sundays/);
});

Deno.test("no revert data, however broken, makes the explanation fail", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    const revert = explainRevert(`0x${bytes.toHex()}`, EVENT);
    return revert.kind === "handled" || revertError(revert, "0x00") instanceof WavsError;
  }));
});
