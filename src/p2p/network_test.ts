import assert from "node:assert/strict";
import { parseBytes32, parseChainKey, parseEventId, parseEvmAddress, utf8Bytes } from "@/domain/mod.ts";
import { MAX_MESSAGE_BYTES, MAX_REJECTED_MESSAGES } from "./limits.ts";
import { randomService, startTestPeer, type TestPeer } from "./testing/peers.ts";
import { topicOf } from "./topics.ts";
import type { ServiceId } from "@/domain/mod.ts";
import { until } from "@tests/support/until.ts";

const LANDING = {
  chain: parseChainKey("evm:31337"),
  handler: parseEvmAddress(`0x${"22".repeat(20)}`),
  eventId: parseEventId(`0x${"33".repeat(20)}`),
  txHash: parseBytes32(`0x${"44".repeat(32)}`),
  operator: parseEvmAddress(`0x${"55".repeat(20)}`),
};

/** Waits until each of the peers sends what it publishes to all of the others. */
async function meet(service: ServiceId, peers: readonly TestPeer[]): Promise<void> {
  for (const { network } of peers) network.join(service);
  await until(
    "all peers hear each other",
    () => peers.every(({ network }) => network.status().topics.get(topicOf(service)) === peers.length - 1),
  );
}

function textsOf(peer: TestPeer): string[] {
  return peer.received.map(({ bytes }) => new TextDecoder().decode(bytes));
}

for (const discovery of ["local", "remote"] as const) {
  Deno.test(`three peers that find each other by ${discovery} discovery hear what any of them publishes, once`, async () => {
    await using stack = new AsyncDisposableStack();
    const first = stack.use(await startTestPeer({ discovery }));
    const bootstrapNodes = discovery === "remote" ? [first.address] : [];
    const others = [
      stack.use(await startTestPeer({ discovery, bootstrapNodes })),
      stack.use(await startTestPeer({ discovery, bootstrapNodes })),
    ];
    const peers = [first, ...others];
    const service = randomService();
    await meet(service, peers);
    for (const [index, { network }] of peers.entries()) {
      assert.deepEqual(await network.publish(service, utf8Bytes(`from ${index}`)), { peers: 2 });
    }
    await until("all have heard all", () => peers.every(({ received }) => received.length === 2));
    assert.deepEqual(peers.map((peer) => textsOf(peer).sort()), [
      ["from 1", "from 2"],
      ["from 0", "from 2"],
      ["from 0", "from 1"],
    ]);
    assert.ok(
      peers.every(({ received }) => received.every(({ via, serviceId }) => via === "gossip" && serviceId === service)),
    );
  });
}

Deno.test("transactions are announced to those who take part in the service, and to nobody else", async () => {
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startTestPeer());
  const bootstrapNodes = [first.address];
  const second = stack.use(await startTestPeer({ bootstrapNodes }));
  const stranger = stack.use(await startTestPeer({ bootstrapNodes }));
  const service = randomService();
  stranger.network.join(randomService());
  await meet(service, [first, second]);
  await until("it is announced", async () => (await second.network.announce(service, LANDING)).peers === 1);
  await until("it is heard", () => first.landings.length === 1);
  assert.deepEqual(first.landings[0], { serviceId: service, peer: second.peerId, landing: LANDING });
  assert.deepEqual(stranger.landings, []);
});

Deno.test("who comes late is told what it missed", async () => {
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startTestPeer());
  const service = randomService();
  first.network.join(service);
  first.submissions = [utf8Bytes('{"n":1}'), utf8Bytes('{"n":"]}"}')];
  const late = stack.use(await startTestPeer({ bootstrapNodes: [first.address] }));
  late.network.join(service);
  await until("it has caught up", () => late.received.length >= 2);
  assert.deepEqual(textsOf(late).slice(0, 2), ['{"n":1}', '{"n":"]}"}']);
  assert.deepEqual(late.received[0]?.via, "catch_up");
});

Deno.test("the longest message fits into a frame, a longer one is refused by its length", async () => {
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startTestPeer());
  const second = stack.use(await startTestPeer({ bootstrapNodes: [first.address] }));
  const service = randomService();
  await meet(service, [first, second]);
  const longest = crypto.getRandomValues(new Uint8Array(MAX_MESSAGE_BYTES));
  await first.network.publish(service, longest);
  await until("it is there", () => second.received.length === 1);
  assert.deepEqual(second.received[0]?.bytes, longest);
  await assert.rejects(first.network.publish(service, new Uint8Array(MAX_MESSAGE_BYTES + 1)), /take at most 65294/);
});

Deno.test("a service that was left is heard no more, and nothing can be published for it", async () => {
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startTestPeer());
  const second = stack.use(await startTestPeer({ bootstrapNodes: [first.address] }));
  const [left, kept] = [randomService(), randomService()];
  await meet(left, [first, second]);
  await meet(kept, [first, second]);
  second.network.leave(left);
  await until("it is seen to leave", () => first.network.status().topics.get(topicOf(left)) === 0);
  assert.deepEqual(await first.network.publish(left, utf8Bytes("nobody hears this")), { peers: 0 });
  await first.network.publish(kept, utf8Bytes("but this"));
  await until("the other is heard", () => second.received.length === 1);
  assert.deepEqual(textsOf(second), ["but this"]);
  await assert.rejects(second.network.publish(left, utf8Bytes("x")), /does not take part in it/);
});

Deno.test("a peer that keeps sending what is not true is cut off, and stays so", async () => {
  await using stack = new AsyncDisposableStack();
  const honest = stack.use(await startTestPeer());
  const liar = stack.use(await startTestPeer({ bootstrapNodes: [honest.address] }));
  const service = randomService();
  await meet(service, [honest, liar]);
  honest.verdict = "reject";
  for (let lie = 0; lie < MAX_REJECTED_MESSAGES; lie++) {
    await liar.network.publish(service, utf8Bytes(`lie ${lie}`));
  }
  await until("it is cut off", () => honest.network.status().peers.length === 0);
  assert.equal(honest.network.status().bannedPeers, 1);
  // It dials again and again, and is not let in.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.deepEqual(honest.network.status().peers, []);
  assert.ok(honest.received.length <= MAX_REJECTED_MESSAGES);
});

Deno.test("with a list of allowed peers nobody else is spoken to", async () => {
  await using stack = new AsyncDisposableStack();
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const friend = stack.use(await startTestPeer({ seed }));
  const closed = stack.use(
    await startTestPeer({ allowedPeers: [friend.peerId], bootstrapNodes: [friend.address] }),
  );
  const stranger = stack.use(await startTestPeer({ bootstrapNodes: [closed.address] }));
  const service = randomService();
  for (const { network } of [friend, closed, stranger]) network.join(service);
  await until("friends are connected", () => closed.network.status().peers.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.deepEqual(closed.network.status().peers, [friend.peerId]);
});

Deno.test("peers that are lost are found again", async () => {
  await using stack = new AsyncDisposableStack();
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const service = randomService();
  const first = await startTestPeer({ seed });
  const port = Number(/tcp\/(\d+)/.exec(first.address)?.[1]);
  const second = stack.use(await startTestPeer({ bootstrapNodes: [first.address] }));
  await meet(service, [first, second]);
  await first[Symbol.asyncDispose]();
  await until("the loss is seen", () => second.network.status().peers.length === 0);
  const again = stack.use(await startTestPeer({ seed, listenPort: port }));
  await meet(service, [again, second]);
  await second.network.publish(service, utf8Bytes("welcome back"));
  await until("it is heard", () => again.received.length === 1);
});
