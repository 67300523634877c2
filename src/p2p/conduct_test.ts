import assert from "node:assert/strict";
import { Conduct } from "./conduct.ts";
import { BAN_MS, MAX_BANNED_PEERS, MAX_KNOWN_PEERS, MAX_REJECTED_MESSAGES, PEER_RATE } from "./limits.ts";

function ban(conduct: Conduct, peerId: string, nowMs: number): void {
  for (let lie = 1; lie < MAX_REJECTED_MESSAGES; lie++) assert.equal(conduct.reject(peerId, nowMs), false);
  assert.equal(conduct.reject(peerId, nowMs), true);
}

Deno.test("a peer is cut off by so many lies, for so long, and alone", () => {
  const conduct = new Conduct();
  ban(conduct, "liar", 1_000);
  assert.equal(conduct.isBanned("liar", 1_000 + BAN_MS - 1), true);
  assert.equal(conduct.isBanned("liar", 1_000 + BAN_MS), false);
  assert.equal(conduct.isBanned("other", 1_000), false);
  assert.deepEqual([conduct.banned(1_000), conduct.banned(1_000 + BAN_MS)], [1, 0]);
});

Deno.test("lies that are far apart do not add up", () => {
  const conduct = new Conduct();
  for (let lie = 0; lie < 10 * MAX_REJECTED_MESSAGES; lie++) {
    assert.equal(conduct.reject("clumsy", lie * (BAN_MS / (MAX_REJECTED_MESSAGES - 2))), false);
  }
});

Deno.test("a flood of new identities does not lift a ban", () => {
  const conduct = new Conduct();
  ban(conduct, "liar", 0);
  for (let identity = 0; identity < 4 * MAX_KNOWN_PEERS; identity++) conduct.delayMs(`fresh ${identity}`, 1, 0);
  assert.equal(conduct.isBanned("liar", 1), true);
});

Deno.test("only so many are cut off at once, the first of them comes back first", () => {
  const conduct = new Conduct();
  for (let liar = 0; liar <= MAX_BANNED_PEERS; liar++) ban(conduct, `liar ${liar}`, 0);
  assert.equal(conduct.banned(0), MAX_BANNED_PEERS);
  assert.deepEqual([conduct.isBanned("liar 0", 0), conduct.isBanned("liar 1", 0)], [false, true]);
});

Deno.test("who sends more than its share waits, and no one else", () => {
  const conduct = new Conduct();
  assert.equal(conduct.delayMs("fast", PEER_RATE.burst, 0), 0);
  assert.equal(conduct.delayMs("fast", PEER_RATE.perSecond, 0), 1_000);
  assert.equal(conduct.delayMs("slow", 1, 0), 0);
});
