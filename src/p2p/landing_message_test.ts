import assert from "node:assert/strict";
import fc from "fast-check";
import { isWavsError, parseBytes32, parseChainKey, parseEventId, parseEvmAddress, utf8Bytes } from "@/domain/mod.ts";
import { decodeLandingMessage, encodeLandingMessage } from "./landing_message.ts";
import { MAX_LANDING_MESSAGE_BYTES } from "./limits.ts";

const MESSAGE = {
  chain: parseChainKey("evm:31337"),
  handler: parseEvmAddress(`0x${"22".repeat(20)}`),
  eventId: parseEventId(`0x${"33".repeat(20)}`),
  txHash: parseBytes32(`0x${"44".repeat(32)}`),
  operator: parseEvmAddress(`0x${"55".repeat(20)}`),
};

Deno.test("an announcement of a transaction reads as it was written", () => {
  assert.deepEqual(decodeLandingMessage(encodeLandingMessage(MESSAGE)), MESSAGE);
});

Deno.test("whatever a peer sends instead is refused by one error", () => {
  const text = new TextDecoder().decode(encodeLandingMessage(MESSAGE));
  const wrong = [
    "null",
    "[]",
    "7",
    "{}",
    text.slice(1),
    text.replace("0x22", "0xzz"),
    text.replace(/"chain":"[^"]+"/, '"chain":{}'),
    text.replace(/"tx_hash":"0x44/, '"tx_hash":"0x'),
    text.replace("{", `{"more":"${"x".repeat(MAX_LANDING_MESSAGE_BYTES)}",`),
  ].map(utf8Bytes);
  const refuses = (bytes: Uint8Array) =>
    assert.throws(() => decodeLandingMessage(bytes), (error) => isWavsError(error, "landing_message_malformed"));
  for (const bytes of wrong) refuses(bytes);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), refuses));
});
