import assert from "node:assert/strict";
import { parseChainKey } from "@/domain/mod.ts";
import { chainConfig } from "./evm/testing/registry.ts";
import { netPermissionsOf, unsupportedTrigger } from "./supported.ts";

Deno.test("the worker may reach exactly the hosts and ports of its endpoints", () => {
  const chains = [
    chainConfig({ wsEndpoints: ["wss://node.example/key", "ws://127.0.0.1:8545"], httpEndpoint: "http://[::1]:8545" }),
    chainConfig({ wsEndpoints: ["wss://node.example/other", "no url"], httpEndpoint: "http://plain.example" }),
  ];
  assert.deepEqual(netPermissionsOf(chains, ["wss://jetstream.example/subscribe"]), [
    "127.0.0.1:8545",
    "[::1]:8545",
    "jetstream.example:443",
    "node.example:443",
    "plain.example:80",
  ]);
});

Deno.test("a cron trigger is supported when its expression is one", () => {
  const cron = { kind: "cron", startTime: undefined, endTime: undefined } as const;
  assert.equal(unsupportedTrigger({ ...cron, schedule: "0 */5 * * * *" }), undefined);
  assert.match(unsupportedTrigger({ ...cron, schedule: "*/5 * * * *" }) ?? "", /cron expression "\*\/5 \* \* \* \*"/);
});

const INTERVAL = {
  kind: "block_interval",
  chain: parseChainKey("evm:1"),
  nBlocks: 1,
  startBlock: undefined,
  endBlock: undefined,
} as const;

Deno.test("a block interval is supported on EVM chains when it does not end before it starts", () => {
  assert.equal(unsupportedTrigger(INTERVAL), undefined);
  assert.match(unsupportedTrigger({ ...INTERVAL, startBlock: 5n, endBlock: 4n }) ?? "", /from "5" on .* with "4"/);
  assert.match(unsupportedTrigger({ ...INTERVAL, chain: parseChainKey("cosmos:hub") }) ?? "", /Cosmos/);
});

Deno.test("a trigger that is not watched is named", () => {
  assert.equal(unsupportedTrigger({ kind: "manual" }), undefined);
  const trigger = {
    kind: "cosmos_contract_event",
    chain: INTERVAL.chain,
    address: "c1" as never,
    eventType: "e",
  } as const;
  assert.match(unsupportedTrigger(trigger) ?? "", /"cosmos_contract_event"/);
});

Deno.test("a feed is supported when its key is one", () => {
  assert.equal(unsupportedTrigger({ kind: "hypercore_append", feedKey: "00".repeat(32) }), undefined);
  assert.match(unsupportedTrigger({ kind: "hypercore_append", feedKey: "00" }) ?? "", /a feed key of 64 hex digits/);
});
