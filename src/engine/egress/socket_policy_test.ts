import assert from "node:assert/strict";
import { isWavsError } from "@/domain/mod.ts";
import { isAllowedPeer, requireLocal, requirePeer } from "./socket_policy.ts";

const STRICT = { allowPrivateNetworks: false };
const OPEN = { allowPrivateNetworks: true };

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return "allowed";
  } catch (error) {
    assert.ok(isWavsError(error, "socket_error"), String(error));
    return error.meta.code;
  }
}

Deno.test("a peer is public unless the node allows others", () => {
  for (const host of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "fd00::1", "fe80::1"]) {
    assert.equal(codeOf(() => requirePeer({ host, port: 80 }, STRICT)), "access-denied", host);
    assert.equal(codeOf(() => requirePeer({ host, port: 80 }, OPEN)), "allowed", host);
  }
  for (const host of ["1.1.1.1", "2606:4700::1111"]) {
    assert.equal(codeOf(() => requirePeer({ host, port: 80 }, STRICT)), "allowed", host);
  }
});

Deno.test("names are never looked up, and IPv4 addresses dressed up as IPv6 never used", () => {
  for (const host of ["localhost", "", "2130706433", "127.1"]) {
    assert.equal(codeOf(() => requirePeer({ host, port: 80 }, OPEN)), "invalid-argument", host);
    assert.equal(codeOf(() => requireLocal({ host, port: 80 }, OPEN)), "invalid-argument", host);
  }
  for (const options of [STRICT, OPEN]) assert.equal(isAllowedPeer("::ffff:1.1.1.1", options), false);
});

Deno.test("a local address is public or all interfaces at once", () => {
  for (const host of ["0.0.0.0", "::", "1.1.1.1"]) {
    assert.equal(codeOf(() => requireLocal({ host, port: 0 }, STRICT)), "allowed", host);
  }
  for (const host of ["127.0.0.1", "192.168.1.1", "::1"]) {
    assert.equal(codeOf(() => requireLocal({ host, port: 0 }, STRICT)), "access-denied", host);
  }
});
