import assert from "node:assert/strict";
import { isWavsError } from "@/domain/mod.ts";
import { MAX_LOOKUPS_PER_WORKER, MAX_RESOLVED_ADDRESSES } from "./limits.ts";
import { createLookups } from "./lookups.ts";
import type { ResolvedAddress } from "./resolve.ts";

function addresses(...texts: string[]): ResolvedAddress[] {
  return texts.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  assert.ok(isWavsError(error, "socket_error"), String(error));
  return error.meta.code;
}

Deno.test("only public addresses of a name are answered", async () => {
  const resolve = () => Promise.resolve(addresses("10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111"));
  const strict = createLookups({ allowPrivateNetworks: false }, resolve);
  assert.deepEqual(await strict.resolve("a.example"), ["1.1.1.1", "2606:4700::1111"]);
  const open = createLookups({ allowPrivateNetworks: true }, resolve);
  assert.equal((await open.resolve("a.example")).length, 4);
  const inside = createLookups({ allowPrivateNetworks: false }, () => Promise.resolve(addresses("10.0.0.1")));
  assert.equal(await codeOf(inside.resolve("a.example")), "access-denied");
});

Deno.test("what the resolver says is named as the interface names it", async () => {
  const cases = [
    ["ENOTFOUND", "name-unresolvable"],
    ["EAI_AGAIN", "temporary-resolver-failure"],
    ["EAI_FAIL", "permanent-resolver-failure"],
  ];
  for (const [code, expected] of cases) {
    const failing = () => Promise.reject(Object.assign(new Error("no answer"), { code }));
    assert.equal(
      await codeOf(createLookups({ allowPrivateNetworks: true }, failing).resolve("a.example")),
      expected,
      code,
    );
  }
});

Deno.test("lookups of a worker and addresses of a name are limited", async () => {
  const gate = Promise.withResolvers<ResolvedAddress[]>();
  const lookups = createLookups({ allowPrivateNetworks: true }, () => gate.promise);
  const running = Array.from({ length: MAX_LOOKUPS_PER_WORKER }, () => lookups.resolve("a.example"));
  assert.equal(await codeOf(lookups.resolve("b.example")), "temporary-resolver-failure");
  gate.resolve(addresses(...Array.from({ length: 100 }, (_, index) => `1.1.1.${index}`)));
  for (const answer of await Promise.all(running)) assert.equal(answer.length, MAX_RESOLVED_ADDRESSES);
  assert.equal((await lookups.resolve("b.example")).length, MAX_RESOLVED_ADDRESSES);
});
