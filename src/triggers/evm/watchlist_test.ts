import assert from "node:assert/strict";
import fc from "fast-check";
import { parseBytes32, parseChainKey } from "@/domain/mod.ts";
import { SERVICE_URI_UPDATED } from "./service_uri.ts";
import { addressOf, CHAIN, registryOf, serviceIdOf, watchedService } from "./testing/registry.ts";
import { catchUpsOf, isWatching, watchlistOf, workflowsFor } from "./watchlist.ts";

const OTHER_CHAIN = parseChainKey("evm:1");

function topicOf(number: number) {
  return parseBytes32(number.toString(16).padStart(64, "0"));
}

const events = fc.record({
  address: fc.nat({ max: 3 }).map(addressOf),
  eventHash: fc.nat({ max: 2 }).map(topicOf),
});
const services = fc.array(fc.tuple(fc.array(events, { maxLength: 4 }), fc.constantFrom(CHAIN, OTHER_CHAIN)), {
  maxLength: 6,
}).map((all) => all.map(([triggers, chain], number) => watchedService(number, triggers, { chain })));

Deno.test("a log finds exactly the workflows that name its chain, address and topic 0", () => {
  fc.assert(fc.property(services, events, fc.constantFrom(CHAIN, OTHER_CHAIN), (all, event, chain) => {
    const found = workflowsFor(watchlistOf(registryOf(all), chain), {
      address: event.address,
      topics: [event.eventHash, topicOf(9)],
    });
    const expected = all.flatMap(({ serviceId, workflows }) =>
      workflows.filter(({ trigger }) =>
        trigger.kind === "evm_contract_event" && trigger.chain === chain && trigger.address === event.address &&
        trigger.eventHash === event.eventHash
      ).map(({ workflowId }) => `${serviceId}/${workflowId}`)
    );
    assert.deepEqual(found.map(({ serviceId, workflowId }) => `${serviceId}/${workflowId}`), expected);
  }));
});

Deno.test("a log without topics is for nobody", () => {
  const list = watchlistOf(registryOf([watchedService(1, [{ address: addressOf(1), eventHash: topicOf(1) }])]), CHAIN);
  assert.deepEqual(workflowsFor(list, { address: addressOf(1), topics: [] }), []);
});

Deno.test("the filter asks for every contract and manager of the chain, once and sorted", () => {
  fc.assert(fc.property(services, (all) => {
    const { filter, managers } = watchlistOf(registryOf(all), CHAIN);
    const here = all.filter(({ manager }) => manager.chain === CHAIN);
    const addresses = here.flatMap(({ manager, workflows }) => [
      manager.address,
      ...workflows.flatMap(({ trigger }) => trigger.kind === "evm_contract_event" ? [trigger.address] : []),
    ]);
    assert.deepEqual(filter.addresses, [...new Set(addresses)].sort());
    assert.equal(filter.topics.includes(SERVICE_URI_UPDATED), here.length > 0);
    assert.equal(managers.size, here.length);
  }));
});

Deno.test("nothing is watched on a chain that no service names", () => {
  assert.equal(isWatching(watchlistOf(registryOf([watchedService(1, [])]), OTHER_CHAIN)), false);
});

Deno.test("only the triggers a changed definition added are caught up, from the block it took over in", () => {
  const old = { address: addressOf(1), eventHash: topicOf(1) };
  const added = { address: addressOf(2), eventHash: topicOf(1) };
  const since = { chain: CHAIN, blockNumber: 5n };
  const before = watchlistOf(registryOf([watchedService(1, [old])]), CHAIN);
  const after = watchlistOf(registryOf([watchedService(1, [old, added], { since })]), CHAIN);
  const [catchUp, ...others] = catchUpsOf(before, after, new Map());
  assert.deepEqual(others, []);
  assert.equal(catchUp?.fromBlock, 5n);
  assert.deepEqual(catchUp?.watchlist.filter, { addresses: [added.address], topics: [added.eventHash] });
  assert.deepEqual(catchUpsOf(before, after, new Map([[serviceIdOf(1), 5n]])), []);
  assert.equal(catchUpsOf(undefined, after, new Map())[0]?.watchlist.workflows.size, 2);
});

Deno.test("a definition that took over on another chain has nothing to catch up here", () => {
  const since = { chain: OTHER_CHAIN, blockNumber: 5n };
  const list = watchlistOf(
    registryOf([watchedService(1, [{ address: addressOf(1), eventHash: topicOf(1) }], { since })]),
    CHAIN,
  );
  assert.deepEqual(catchUpsOf(undefined, list, new Map()), []);
});
