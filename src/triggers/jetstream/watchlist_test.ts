import assert from "node:assert/strict";
import { registryOf } from "../evm/testing/registry.ts";
import { MAX_WANTED_COLLECTIONS } from "./limits.ts";
import { ALICE, BOB, POSTS, serviceWith, trigger, watched } from "./testing/frames.ts";
import { jetstreamWatchlist, workflowsFor } from "./watchlist.ts";

const EVENT = { collection: POSTS, repo: ALICE, action: "create" } as const;

function fires(options: Parameters<typeof trigger>[0], event: Partial<Parameters<typeof workflowsFor>[1]> = {}) {
  return workflowsFor(jetstreamWatchlist(watched(trigger(options))), { ...EVENT, ...event }).length === 1;
}

Deno.test("collection, repository and action must fit, each if it is named", () => {
  assert.ok(fires({}));
  assert.ok(fires({ repoDid: ALICE, action: "create" }));
  assert.ok(!fires({ repoDid: BOB }));
  assert.ok(!fires({ action: "delete" }));
  assert.ok(!fires({ collection: "app.bsky.feed.like" }));
});

for (
  const [pattern, collection, does] of [
    ["app.bsky.feed.*", "app.bsky.feed.post", true],
    ["app.bsky.*", "app.bsky.feed.post", true],
    ["app.bsky.feed.*", "app.bsky.feed", false],
    ["app.bsky.feed.*", "app.bsky.feedback.post", false],
    ["app.bsky.feed.*", "app.bsky.feed.*", true],
    ["*", "app.bsky.feed.post", false],
    ["app.*.feed", "app.bsky.feed", false],
    ["app.bsky.fe*", "app.bsky.feed", false],
  ] as const
) {
  Deno.test(`"${pattern}" ${does ? "fires" : "does not fire"} for "${collection}"`, () => {
    assert.equal(fires({ collection: pattern }, { collection }), does);
  });
}

Deno.test("a workflow whose pattern and name both fit fires once, and every workflow that fits fires", () => {
  const watchlist = jetstreamWatchlist(
    registryOf([serviceWith(1, trigger(), trigger({ collection: "app.bsky.*" })), serviceWith(2, trigger())]),
  );
  assert.equal(workflowsFor(watchlist, EVENT).length, 3);
});

Deno.test("a server is asked for what may fire and no more", () => {
  const filterOf = (...options: readonly Parameters<typeof trigger>[0][]) =>
    jetstreamWatchlist(watched(...options.map(trigger))).filter;
  assert.deepEqual(filterOf({ repoDid: BOB }, { collection: "app.bsky.*", repoDid: ALICE }), {
    wantedCollections: ["app.bsky.*", POSTS],
    wantedDids: [ALICE, BOB],
  });
  assert.deepEqual(filterOf({ repoDid: BOB }, {}), { wantedCollections: [POSTS], wantedDids: [] });
  // Servers send these whatever collections are wanted, and would refuse the words.
  assert.deepEqual(filterOf({ collection: "identity" }, { collection: "account" }).wantedCollections, ["identity.*"]);
});

Deno.test("a server is asked for everything rather than with a filter it would refuse", () => {
  const filterOf = (...options: readonly Parameters<typeof trigger>[0][]) =>
    jetstreamWatchlist(watched(...options.map(trigger))).filter;
  assert.deepEqual(filterOf({}, { collection: "no collection" }).wantedCollections, []);
  assert.deepEqual(filterOf({ repoDid: "nobody" }, { repoDid: ALICE }).wantedDids, []);
  const many = Array.from({ length: MAX_WANTED_COLLECTIONS + 1 }, (_, n) => ({ collection: `test.n${n}.record` }));
  assert.deepEqual(filterOf(...many).wantedCollections, []);
});
