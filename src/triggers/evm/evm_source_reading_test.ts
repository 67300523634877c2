import assert from "node:assert/strict";
import { SAFE_DEPTH, type ScriptedAnswer, ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import { type EvmReading, REFERENCE_READING } from "@/domain/mod.ts";
import type { DetectedEvent } from "../types.ts";
import { follow, LOG, poll } from "./testing/follow.ts";

function reading(options: Partial<EvmReading>): { readonly config: { readonly reading: EvmReading } } {
  return { config: { reading: { ...REFERENCE_READING, ...options } } };
}

function blocksOf(events: readonly DetectedEvent[]): readonly number[] {
  return events.map(({ block }) => Number(block?.number));
}

for (const [confirmations, depth] of [[3, 3], ["safe", SAFE_DEPTH]] as const) {
  Deno.test(`with ${confirmations} confirmations an event is taken when its block is that deep, and reorgs above it are nothing`, async () => {
    await using chain = new ScriptedChain();
    await using running = await follow(chain, reading({ confirmations }));
    chain.mine([LOG]);
    for (let block = 1; block < depth; block++) chain.mine([LOG]);
    chain.rollback(depth - 1);
    for (let block = 1; block < depth; block++) chain.mine();
    await poll(() => running.source.health().blocks?.head === chain.head);
    assert.deepEqual(running.collector.events, []);
    chain.mine();
    await running.collector.expectEvents(1);
    assert.deepEqual(blocksOf(running.collector.events), [1]);
    assert.deepEqual(running.collector.orphaned, []);
  });
}

Deno.test("confirmed blocks are followed over an outage", async () => {
  await using chain = new ScriptedChain();
  const first = await follow(chain, reading({ confirmations: 2 }));
  chain.mine([LOG]);
  chain.mineSilently([LOG], 1);
  chain.mine();
  await first.collector.expectEvents(1);
  await first[Symbol.asyncDispose]();
  chain.mineSilently([LOG], 100);
  await using second = await follow(chain, { ...reading({ confirmations: 2 }), from: first.collector.cursor! });
  await second.collector.expectEvents(99);
});

/** Has a chain's logs carry the time, as some providers do. */
function withTimes(chain: ScriptedChain, blockTimestamp: string): void {
  chain.intercept = (method, params) =>
    method === "eth_getLogs" ? withEveryLog(chain.answer(method, params), { blockTimestamp }) : undefined;
}

function withEveryLog(answer: ScriptedAnswer, changes: Record<string, string>): ScriptedAnswer {
  assert.ok("result" in answer && Array.isArray(answer.result));
  return { result: answer.result.map((log) => ({ ...log, ...changes })) };
}

Deno.test("the time in an event comes from where the configuration says", async () => {
  const headerTime = 1_700_000_012n;
  const cases = [
    ["provider", undefined, undefined],
    ["provider", "0x5", 5n],
    ["header", undefined, headerTime],
    ["header", "0x5", 5n],
    ["none", "0x5", undefined],
  ] as const;
  for (const [eventTimestamp, sent, expected] of cases) {
    await using chain = new ScriptedChain();
    if (sent !== undefined) withTimes(chain, sent);
    await using running = await follow(chain, reading({ eventTimestamp }));
    chain.mine([LOG, LOG]);
    await running.collector.expectEvents(2);
    const times = running.collector.events.map(({ data }) => data.kind === "EvmContractEvent" && data.blockTimestamp);
    assert.deepEqual(times, [expected, expected], `${eventTimestamp}, sent ${sent}`);
  }
});

Deno.test("with a quorum, an endpoint alone can neither change nor hide an event", async () => {
  for (const lie of ["change", "hide"] as const) {
    await using chain = new ScriptedChain();
    await using liar = mirrorOf(chain);
    const config = {
      reading: { ...REFERENCE_READING, rpcQuorum: 2 },
      wsEndpoints: [liar.wsUrl, chain.wsUrl],
      httpEndpoint: chain.httpUrl,
    };
    await using running = await follow(chain, { config });
    liar.lie = lie;
    chain.mine([LOG]);
    liar.announce("newHeads", chain.header);
    await running.collector.expectEvents(1);
    const [event] = running.collector.events;
    assert.deepEqual(event?.data.kind === "EvmContractEvent" && event.data.logData.data, new Uint8Array([1, 2]), lie);
    assert.ok(running.context.records.some(({ fields }) => /must tell the same/.test(String(fields.error))), lie);
  }
});

Deno.test("while too few endpoints agree nothing is taken, and nothing is lost", async () => {
  await using chain = new ScriptedChain();
  await using other = mirrorOf(chain);
  const config = { reading: { ...REFERENCE_READING, rpcQuorum: 2 }, httpEndpoint: other.httpUrl };
  await using running = await follow(chain, { config });
  other.lie = "refuse";
  chain.mine([LOG]);
  await poll(() => /2 endpoints must tell the same/.test(running.source.health().lastError ?? ""));
  assert.deepEqual(running.collector.events, []);
  other.lie = undefined;
  await running.collector.expectEvents(1);
});

/** A second endpoint of the same chain: it answers as the first one would, unless it is told to lie about logs. */
function mirrorOf(chain: ScriptedChain): Mirror {
  const mirror = new Mirror();
  mirror.intercept = (method, params) => {
    // Its subscriptions are its own.
    if (method.endsWith("subscribe")) return undefined;
    const truth = chain.answer(method, params);
    if (method !== "eth_getLogs") return truth;
    switch (mirror.lie) {
      case undefined:
        return truth;
      case "change":
        return withEveryLog(truth, { data: "0xbad0" });
      case "hide":
        return { result: [] };
      case "refuse":
        return { error: { code: -32_000, message: "overloaded" } };
    }
  };
  return mirror;
}

class Mirror extends ScriptedChain {
  lie: "change" | "hide" | "refuse" | undefined;
}
