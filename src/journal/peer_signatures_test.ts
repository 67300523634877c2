import assert from "node:assert/strict";
import { type Bytes32, bytesToHex, type EventId, type EvmAddress, parseEventId, parseServiceId } from "@/domain/mod.ts";
import { openDatabase } from "@/storage/mod.ts";
import { Journal } from "./journal.ts";
import {
  MAX_ENVELOPES_PER_EVENT,
  MAX_ENVELOPES_PER_SIGNER,
  MAX_EVENTS_AHEAD_PER_SIGNER,
  MAX_SIGNERS_PER_ENVELOPE,
  MAX_SWEPT_ROWS,
} from "./limits.ts";
import type { JournalChange } from "./types.ts";

const SERVICE = parseServiceId("76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11");

function numbered(value: number, bytes: number): `0x${string}` {
  return bytesToHex(Uint8Array.from({ length: bytes }, (_, index) => (value >> (8 * (bytes - 1 - index))) & 0xff));
}

const eventId = (value: number): EventId => parseEventId(numbered(value, 20));
const digest = (value: number) => numbered(value, 32) as Bytes32;
const signer = (value: number) => numbered(value, 20) as EvmAddress;

function openStore(path = ":memory:") {
  const database = openDatabase({ path, durability: "process" });
  const time = { nowMs: 1_000 };
  const clock = { now: () => time.nowMs, monotonic: () => time.nowMs, sleep: () => Promise.resolve() };
  const journal = new Journal({ database, clock });
  const changes: JournalChange[] = [];
  journal.observe((change) => changes.push(change));
  const store = (event: number, envelope: number, by: number) =>
    journal.recordPeerSignature({
      serviceId: SERVICE,
      eventId: eventId(event),
      envelopeDigest: digest(envelope),
      signer: signer(by),
      signature: new Uint8Array(65).fill(by),
      peer: "peer",
    });
  const stored = (event: number, envelope: number) =>
    journal.peerSignatures.of({ serviceId: SERVICE, eventId: eventId(event), envelopeDigest: digest(envelope) });
  return { database, journal, time, changes, store, stored, [Symbol.dispose]: () => database[Symbol.dispose]() };
}

Deno.test("a signature is stored once per envelope and signer, and told of once", () => {
  using bench = openStore();
  assert.deepEqual([bench.store(1, 1, 7), bench.store(1, 1, 7), bench.store(1, 1, 6)], ["stored", "known", "stored"]);
  assert.deepEqual(bench.stored(1, 1).map((entry) => entry.signer), [signer(6), signer(7)], "signers ascend");
  assert.deepEqual(bench.stored(1, 2), []);
  assert.equal(bench.changes.length, 2);
});

Deno.test("signatures survive the process", async () => {
  const directory = await Deno.makeTempDir();
  try {
    {
      using bench = openStore(`${directory}/db`);
      bench.store(1, 1, 7);
    }
    using bench = openStore(`${directory}/db`);
    assert.deepEqual(bench.stored(1, 1), [{ signer: signer(7), signature: new Uint8Array(65).fill(7) }]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a signer that signs many envelopes of one event fills its own room only", () => {
  using bench = openStore();
  for (let envelope = 1; envelope <= MAX_ENVELOPES_PER_SIGNER; envelope++) {
    assert.equal(bench.store(1, envelope, 7), "stored");
  }
  assert.equal(bench.store(1, 99, 7), "crowded");
  assert.equal(bench.store(1, 99, 8), "stored");
  assert.equal(bench.store(2, 99, 7), "stored", "another event has room of its own");
});

Deno.test("the envelope this node signed has room whatever came before it", () => {
  using bench = openStore();
  for (let index = 0; index < MAX_ENVELOPES_PER_EVENT; index++) {
    assert.equal(bench.store(1, 100 + index, 1_000 + index), "stored");
  }
  assert.equal(bench.store(1, 1, 5), "crowded");
  assert.equal(bench.store(1, 100, 5), "stored", "an envelope that is there takes more signers");
  bench.journal.guardSignature(SERVICE, eventId(1), digest(1));
  assert.equal(bench.store(1, 1, 6), "stored");
});

Deno.test("an envelope takes a bounded number of signers", () => {
  using bench = openStore();
  bench.journal.guardSignature(SERVICE, eventId(1), digest(1));
  for (let by = 0; by < MAX_SIGNERS_PER_ENVELOPE; by++) assert.equal(bench.store(1, 1, by), "stored");
  assert.equal(bench.store(1, 1, 9_999), "crowded");
});

Deno.test("a signer far ahead of this node loses what it sent first, others lose nothing", () => {
  using bench = openStore();
  bench.store(1, 1, 8);
  bench.database.transaction(() => {
    for (let event = 1; event <= MAX_EVENTS_AHEAD_PER_SIGNER + 3; event++) bench.store(event, 1, 7);
  });
  assert.deepEqual([1, 2, 3].map((event) => bench.stored(event, 1).map((entry) => entry.signer)), [
    [signer(8)],
    [],
    [],
  ]);
  assert.equal(bench.stored(MAX_EVENTS_AHEAD_PER_SIGNER + 3, 1).length, 1);
  assert.equal(bench.journal.peerSignatures.count(), MAX_EVENTS_AHEAD_PER_SIGNER + 1);
});

Deno.test("events this node has signed itself do not count as ahead", () => {
  using bench = openStore();
  bench.journal.guardSignature(SERVICE, eventId(1), digest(1));
  bench.database.transaction(() => {
    for (let event = 1; event <= MAX_EVENTS_AHEAD_PER_SIGNER + 1; event++) bench.store(event, 1, 7);
  });
  assert.equal(bench.stored(1, 1).length, 1);
  assert.equal(bench.stored(2, 1).length, 1);
});

Deno.test("signatures are swept when they expire, a bounded number at a time", () => {
  using bench = openStore();
  bench.database.transaction(() => {
    // More signers than one, since one alone may not be that far ahead.
    for (let event = 0; event < MAX_SWEPT_ROWS + 10; event++) bench.store(event, 1, event % 2);
  });
  bench.time.nowMs = 5_000;
  bench.store(1_000_000, 1, 3);
  const { peerSignatures } = bench.journal;
  assert.equal(peerSignatures.sweep({ expired: 1_000, served: 1_000 }), 0);
  assert.equal(peerSignatures.sweep({ expired: 1_001, served: 1_001 }), MAX_SWEPT_ROWS);
  assert.equal(peerSignatures.sweep({ expired: 1_001, served: 1_001 }), 10);
  assert.equal(peerSignatures.count(), 1);
});

Deno.test("those of an event that is done go sooner than those something waits for", () => {
  using bench = openStore();
  bench.journal.guardSignature(SERVICE, eventId(1), digest(1));
  bench.store(1, 1, 7);
  bench.store(2, 1, 7);
  assert.equal(bench.journal.peerSignatures.sweep({ expired: 0, served: 2_000 }), 1);
  assert.equal(bench.stored(2, 1).length, 1, "this node may still come to sign it");
});
