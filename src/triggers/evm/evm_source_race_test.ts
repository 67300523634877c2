import assert from "node:assert/strict";
import fc from "fast-check";
import { ScriptedChain } from "@/chains/evm/testing/scripted_chain.ts";
import type { Cursor } from "../types.ts";
import { CONTRACT, follow, type Followed, LOG, poll, TOPIC } from "./testing/follow.ts";
import { addressOf, CHAIN, registryOf, serviceIdOf, watchedService } from "./testing/registry.ts";

/** Waits until what was delivered and not withdrawn is exactly what is in the chain. */
async function expectCanonical({ collector }: Followed, chain: ScriptedChain): Promise<void> {
  const expected = () => chain.logs.map(({ blockHash, logIndex }) => `${CHAIN}/${blockHash}/${logIndex}`).sort();
  await collector.until("what stands is what is in the chain", () => String(collector.standing) === String(expected()));
}

function assertConnectionKept({ context }: Followed, chain: ScriptedChain): void {
  assert.equal(chain.connections, 1);
  assert.deepEqual(context.records.filter(({ message }) => /Endpoint lost/.test(message)), []);
}

/** Has `change` done just before the first request that `isMeant` is answered; resolves once it is. */
function before(
  chain: ScriptedChain,
  isMeant: (method: string, parameter: unknown) => boolean,
  change: () => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  chain.intercept = (method, [parameter]) => {
    if (!isMeant(method, parameter)) return undefined;
    chain.intercept = undefined;
    change();
    resolve();
    return undefined;
  };
  return promise;
}

Deno.test("a block of equal height takes the place of the one that was delivered", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mine([LOG]);
  await running.collector.expectEvents(1);
  chain.rollback(1);
  chain.mine([LOG]);
  await expectCanonical(running, chain);
  assertConnectionKept(running, chain);
});

Deno.test("a head that a reorg takes away while its logs are asked for costs neither an event nor the connection", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mine([LOG]);
  await running.collector.expectEvents(1);
  const changed = before(chain, (method) => method === "eth_getLogs", () => {
    chain.rollback(1);
    chain.mineSilently([LOG], 2);
  });
  chain.mine([LOG]);
  await changed;
  await expectCanonical(running, chain);
  assertConnectionKept(running, chain);
});

Deno.test("a head announced for a chain that is no more is passed over", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  chain.mineSilently([LOG], 3);
  const stale = chain.header;
  chain.rollback(1);
  chain.mineSilently([LOG]);
  chain.announce("newHeads", stale);
  await expectCanonical(running, chain);
  assertConnectionKept(running, chain);
});

Deno.test("heads announced in the wrong order while the source is busy do not hide the latest", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain, { speed: 1 });
  const release = running.collector.hold();
  chain.mine([LOG]);
  chain.mineSilently([LOG]);
  const lower = chain.header;
  chain.mine([LOG]);
  chain.announce("newHeads", lower);
  release();
  await expectCanonical(running, chain);
});

Deno.test("a range that is read while a deep reorg replaces it is read again", async () => {
  await using chain = new ScriptedChain();
  let cursor: Cursor | undefined;
  {
    await using running = await follow(chain);
    cursor = running.collector.cursor;
  }
  assert.ok(cursor !== undefined);
  chain.mineSilently([LOG], 200);
  let isRangeRead = false;
  const changed = before(chain, (method, parameter) => {
    if (method === "eth_getLogs" && (parameter as Record<string, unknown>).fromBlock !== undefined) isRangeRead = true;
    return isRangeRead && method === "eth_getBlockByNumber";
  }, () => {
    chain.rollback(150);
    chain.mineSilently([LOG], 151);
  });
  await using running = await follow(chain, { from: cursor });
  await changed;
  await expectCanonical(running, chain);
});

Deno.test("a service that comes while a reorg brings blocks gets the events in them", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain);
  const second = { ...LOG, address: addressOf(2) };
  const both = registryOf([
    watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }]),
    watchedService(2, [{ address: second.address, eventHash: TOPIC }]),
  ], 2);
  chain.mineSilently([], 3);
  let watching: Promise<void> | undefined;
  const changed = before(chain, (method) => method === "eth_getBlockByNumber", () => {
    watching = running.source.watch(both);
    chain.rollback(3);
    chain.mineSilently([second], 4);
  });
  chain.announceHead();
  await changed;
  await expectCanonical(running, chain);
  await watching;
  assert.deepEqual(new Set(running.collector.events.map(({ serviceId }) => serviceId)), new Set([serviceIdOf(2)]));
});

Deno.test("what a changed definition missed is caught up although no block comes, and from the fork that stands", async () => {
  await using chain = new ScriptedChain();
  await using running = await follow(chain, { speed: 1 });
  const second = { ...LOG, address: addressOf(2) };
  for (let block = 0; block < 6; block++) chain.mine([LOG, second]);
  await running.collector.expectEvents(6);
  const definition = registryOf([
    watchedService(1, [{ address: CONTRACT, eventHash: TOPIC }, { address: second.address, eventHash: TOPIC }], {
      since: { chain: CHAIN, blockNumber: 1n },
    }),
  ], 2);
  const changed = before(chain, (method) => method === "eth_getLogs", () => {
    chain.rollback(2);
    chain.mineSilently([LOG, second], 2);
  });
  await running.source.watch(definition);
  await changed;
  await expectCanonical(running, chain);
  assertConnectionKept(running, chain);
});

/** Something that happens to a chain in the middle of an exchange with it. */
type Happening =
  | { readonly kind: "mine"; readonly blocks: number; readonly isAnnounced: boolean }
  | { readonly kind: "reorg"; readonly depth: number; readonly blocks: number; readonly isAnnounced: boolean }
  | { readonly kind: "refuse" | "disconnect" | "announce_old" };

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant("mine" as const), blocks: fc.integer({ min: 1, max: 80 }), isAnnounced: fc.boolean() }),
  fc.record({
    kind: fc.constant("reorg" as const),
    depth: fc.integer({ min: 1, max: 12 }),
    blocks: fc.integer({ min: 0, max: 14 }),
    isAnnounced: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom("refuse" as const, "disconnect" as const, "announce_old" as const) }),
);

function happen(chain: ScriptedChain, happening: Happening, old: Record<string, unknown>): boolean {
  switch (happening.kind) {
    case "reorg":
      chain.rollback(Math.min(happening.depth, Number(chain.head)));
      chain.mineSilently([LOG], happening.blocks);
      if (happening.isAnnounced) chain.announceHead();
      return false;
    case "mine":
      chain.mineSilently([LOG], happening.blocks);
      if (happening.isAnnounced) chain.announceHead();
      return false;
    case "announce_old":
      chain.announce("newHeads", old);
      return false;
    case "disconnect":
      chain.disconnect();
      return false;
    case "refuse":
      return true;
  }
}

Deno.test("whatever happens between any two requests, what stands in the end is what is in the chain", async () => {
  const scripts = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), happenings), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      await using chain = new ScriptedChain();
      await using running = await follow(chain, { speed: 100 });
      const old = chain.header;
      const waiting = [...script];
      let pauseFor = waiting[0]?.[0] ?? 0;
      chain.intercept = () => {
        if (pauseFor-- > 0) return undefined;
        const [, happening] = waiting.shift() ?? [];
        pauseFor = waiting[0]?.[0] ?? Infinity;
        const isRefused = happening !== undefined && happen(chain, happening, old);
        return isRefused ? { error: { code: -32_000, message: "not now" } } : undefined;
      };
      await poll(() => {
        if (waiting.length > 0) chain.mine([LOG]);
        return waiting.length === 0;
      });
      chain.mine([LOG]);
      await expectCanonical(running, chain);
    }),
    { numRuns: 50 },
  );
});
