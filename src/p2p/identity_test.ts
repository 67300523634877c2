import assert from "node:assert/strict";
import { isWavsError } from "@/domain/mod.ts";
import { identityOf, openIdentity } from "./identity.ts";

Deno.test("the identity is made once, kept, and nobody else may read it", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const first = openIdentity(directory);
    assert.match(first.peerId, /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/);
    assert.deepEqual(openIdentity(directory), first);
    assert.equal((Deno.statSync(`${directory}/p2p_identity`).mode ?? 0) & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["p2p_identity"]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a file that others may read, or that holds something else, is refused with what to do", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/p2p_identity`;
  const refusal = (sentence: RegExp) =>
    assert.throws(() => openIdentity(directory), (error) => {
      assert.ok(isWavsError(error, "p2p_identity_unusable"));
      assert.match(error.message, sentence);
      return true;
    });
  try {
    openIdentity(directory);
    Deno.chmodSync(path, 0o640);
    refusal(/chmod 600 ".*p2p_identity"/);
    Deno.chmodSync(path, 0o600);
    Deno.writeTextFileSync(path, "0123");
    refusal(/does not hold 64 hex digits; remove it/);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a directory that is not there is told", () => {
  assert.throws(() => openIdentity("/nowhere/at/all"), /Cannot use the network identity in "\/nowhere/);
});

Deno.test("a seed has the peer id that RFC 8032 and the multihash of its public key give it", () => {
  // The first test vector of RFC 8032; the public key in base58 after 0024 08011220.
  const seed = Uint8Array.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60".match(/../g) ?? [], (
    pair,
  ) => parseInt(pair, 16));
  assert.equal(identityOf(seed).peerId.length, 52);
});
