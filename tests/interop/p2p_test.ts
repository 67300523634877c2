import assert from "node:assert/strict";
import { type ServiceId, utf8Bytes } from "@/domain/mod.ts";
import { topicOf } from "@/p2p/mod.ts";
import { MAX_MESSAGE_BYTES } from "@/p2p/limits.ts";
import { randomService, startTestPeer, type TestPeer } from "@/p2p/testing/peers.ts";
import { RustPeer, type RustPeerOptions } from "@tests/support/gossip_peer.ts";
import { buildRust } from "@tests/support/rust_oracle.ts";
import { until } from "@tests/support/until.ts";

/** As many travel each way. */
const MESSAGES = 1_000;

/** Data that peers of other nodes still send, and that fills a frame beyond what they read. */
const TRAP_BYTES = 65_400;

const built = await buildRust("gossip_peer");
if ("absent" in built) {
  const why = `SKIPPED: no peer of the crate "libp2p" is spoken to because ${built.absent}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(why));
}

function interopTest(
  name: string,
  fn: (start: (options: RustPeerOptions) => Promise<RustPeer>) => Promise<void>,
): void {
  Deno.test({
    name: `with a peer of the crates "libp2p" and "libp2p-gossipsub": ${name}`,
    ignore: "absent" in built,
    fn: async () => {
      assert.ok("path" in built);
      const { path } = built;
      await fn((options) => RustPeer.start(path, options));
    },
  });
}

/** Both take part, and know it of each other. */
async function meet(service: ServiceId, ours: TestPeer, ...rust: readonly RustPeer[]): Promise<void> {
  const topic = topicOf(service);
  ours.network.join(service);
  for (const peer of rust) await peer.tell(`join ${topic}`);
  await until("they know each other", () =>
    ours.network.status().topics.get(topic) === rust.length &&
    rust.every(({ reports }) =>
      reports.some(({ kind, peer, topic: theirs }) => kind === "subscribed" && peer === ours.peerId && theirs === topic)
    ));
}

/** As hex, each of them different. */
function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => utf8Bytes(`${prefix} ${index}`).toHex());
}

function heardBy(peer: TestPeer): string[] {
  return peer.received.map(({ bytes }) => bytes.toHex());
}

for (const mode of ["local", "remote"] as const) {
  interopTest(`${MESSAGES} messages arrive each way, found by ${mode} discovery`, async (start) => {
    await using stack = new AsyncDisposableStack();
    const ours = stack.use(await startTestPeer({ discovery: mode }));
    const rust = stack.use(await start({ mode, bootstrap: mode === "remote" ? [ours.address] : [] }));
    const service = randomService();
    await meet(service, ours, rust);
    const [theirs, mine] = [numbered("theirs", MESSAGES), numbered("mine", MESSAGES)];
    for (let index = 0; index < MESSAGES; index++) {
      await rust.tell(`publish ${topicOf(service)} ${theirs[index]}`);
      await ours.network.publish(service, Uint8Array.fromHex(mine[index] ?? ""));
    }
    await until(
      "all are there",
      () => ours.received.length >= MESSAGES && rust.heard(topicOf(service)).length >= MESSAGES,
    );
    assert.deepEqual(heardBy(ours).sort(), theirs.toSorted());
    assert.deepEqual(rust.heard(topicOf(service)).sort(), mine.toSorted());
  });
}

interopTest("two that know only this node hear each other through it", async (start) => {
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await startTestPeer());
  const bootstrap = [ours.address];
  const first = stack.use(await start({ mode: "alone", bootstrap }));
  const second = stack.use(await start({ mode: "alone", bootstrap }));
  const service = randomService();
  await meet(service, ours, first, second);
  const [ones, twos] = [numbered("one", 100), numbered("two", 100)];
  for (let index = 0; index < 100; index++) {
    await first.tell(`publish ${topicOf(service)} ${ones[index]}`);
    await second.tell(`publish ${topicOf(service)} ${twos[index]}`);
  }
  const topic = topicOf(service);
  await until("all are there", () => first.heard(topic).length >= 100 && second.heard(topic).length >= 100);
  assert.deepEqual(first.heard(topic).sort(), twos.toSorted());
  assert.deepEqual(second.heard(topic).sort(), ones.toSorted());
  assert.ok(second.reports.every(({ kind, through }) => kind !== "message" || through === ours.peerId));
});

interopTest("each tells the other what it missed", async (start) => {
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await startTestPeer());
  const service = randomService();
  ours.submissions = [utf8Bytes('{"mine":1}'), utf8Bytes('{"mine":2}')];
  const rust = stack.use(await start({ mode: "remote", bootstrap: [ours.address] }));
  await rust.tell(`offer ${service} {"theirs":"]}"}`);
  await rust.tell(`offer ${service} {"theirs":2}`);
  await meet(service, ours, rust);
  await until("this node has caught up", () => ours.received.length >= 2);
  const items = ours.received.slice(0, 2);
  assert.deepEqual(items.map(({ bytes }) => new TextDecoder().decode(bytes)), ['{"theirs":"]}"}', '{"theirs":2}']);
  assert.deepEqual(items.map(({ via, peer }) => [via, peer]), Array(2).fill(["catch_up", rust.peerId]));
  await rust.tell(`ask ${service}`);
  const report = await until("the other has", () => rust.reports.find(({ kind }) => kind === "caught_up"));
  assert.equal(report.answer, '{"submissions":[{"mine":1},{"mine":2}]}');
});

interopTest("the longest message arrives, and one that is too long ends a stream and nothing more", async (start) => {
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await startTestPeer());
  const rust = stack.use(await start({ mode: "remote", bootstrap: [ours.address] }));
  const service = randomService();
  const topic = topicOf(service);
  await meet(service, ours, rust);
  const longest = crypto.getRandomValues(new Uint8Array(MAX_MESSAGE_BYTES)).toHex();
  await ours.network.publish(service, Uint8Array.fromHex(longest));
  await until("it is there", () => rust.heard(topic).includes(longest));
  const theirs = crypto.getRandomValues(new Uint8Array(MAX_MESSAGE_BYTES)).toHex();
  await rust.tell(`publish ${topic} ${theirs}`);
  await until("theirs, too", () => heardBy(ours).includes(theirs));
  // Other nodes publish such a message, and no node reads its frame.
  await rust.tell(`publish ${topic} ${crypto.getRandomValues(new Uint8Array(TRAP_BYTES)).toHex()}`);
  await sayUntilHeard("after it", async (text) => await rust.tell(`publish ${topic} ${text}`), () => heardBy(ours));
  await sayUntilHeard(
    "back",
    async (text) => void await ours.network.publish(service, Uint8Array.fromHex(text)),
    () => rust.heard(topic),
  );
  assert.ok(ours.received.every(({ bytes }) => bytes.length <= MAX_MESSAGE_BYTES));
});

interopTest("a stream that the other resets is opened anew", async (start) => {
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await startTestPeer());
  const rust = stack.use(await start({ mode: "remote", bootstrap: [ours.address], longestFrame: 4_000 }));
  const service = randomService();
  const topic = topicOf(service);
  await meet(service, ours, rust);
  for (let round = 0; round < 3; round++) {
    await ours.network.publish(service, crypto.getRandomValues(new Uint8Array(5_000)));
    await sayUntilHeard(
      `round ${round}`,
      async (text) => void await ours.network.publish(service, Uint8Array.fromHex(text)),
      () => rust.heard(topic),
    );
  }
});

interopTest("a link that is dropped is made anew, from either side", async (start) => {
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await startTestPeer());
  const rust = stack.use(await start({ mode: "remote" }));
  const service = randomService();
  const topic = topicOf(service);
  const dialling = stack.use(await startTestPeer({ bootstrapNodes: [rust.address] }));
  await meet(service, dialling, rust);
  await rust.tell("disconnect");
  await sayUntilHeard(
    "we meet again",
    async (text) => await rust.tell(`publish ${topic} ${text}`),
    () => heardBy(dialling),
  );
  await rust.tell(`dial ${ours.address}`);
  ours.network.join(service);
  await sayUntilHeard(
    "and another",
    async (text) => void await ours.network.publish(service, Uint8Array.fromHex(text)),
    () => rust.heard(topic),
  );
});

/** Says something, differently each time, until it is heard: right after a loss a message may get lost as well. */
async function sayUntilHeard(what: string, say: (hex: string) => Promise<void>, heard: () => string[]): Promise<void> {
  const prefix = utf8Bytes(what).toHex();
  let turn = 0;
  await until(`"${what}" is heard`, async () => {
    if (heard().some((text) => text.startsWith(prefix))) return true;
    if (turn++ % 10 === 0) await say(utf8Bytes(`${what} ${turn}`).toHex());
    return false;
  });
}
