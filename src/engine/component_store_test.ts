import assert from "node:assert/strict";
import { componentDigestOf, isWavsError } from "@/domain/mod.ts";
import { ComponentStore } from "./component_store.ts";

const BYTES = new TextEncoder().encode("hello");
const DIGEST = componentDigestOf(BYTES);

function openStore() {
  const path = Deno.makeTempDirSync();
  return { store: new ComponentStore(path), path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

Deno.test("a component is stored under the path of its digest, once", async () => {
  using opened = openStore();
  assert.equal(await opened.store.put(BYTES), DIGEST);
  assert.equal(await opened.store.put(BYTES), DIGEST);
  const directory = `${opened.path}/ca/${DIGEST.slice(0, 2)}/${DIGEST.slice(2, 4)}`;
  assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), [DIGEST]);
  assert.deepEqual(await opened.store.get(DIGEST), BYTES);
});

Deno.test("a component that is not there is named with the way out", async () => {
  using opened = openStore();
  await assert.rejects(opened.store.get(DIGEST), (error) => {
    assert.ok(isWavsError(error, "component_unknown"));
    assert.match(error.message, /^No wasm found for digest 2cf24dba.*; upload it/);
    return true;
  });
  assert.equal([...Deno.readDirSync(opened.path)].length, 0, "a lookup creates nothing");
});

Deno.test("a damaged file is found out when it is read", async () => {
  using opened = openStore();
  await opened.store.put(BYTES);
  Deno.writeTextFileSync(`${opened.path}/ca/${DIGEST.slice(0, 2)}/${DIGEST.slice(2, 4)}/${DIGEST}`, "hallo");
  await assert.rejects(opened.store.get(DIGEST), (error) => isWavsError(error, "component_damaged"));
});

Deno.test("a listing passes over what is no component", async () => {
  using opened = openStore();
  await opened.store.put(BYTES);
  Deno.writeTextFileSync(`${opened.path}/ca/README`, "stray");
  Deno.writeTextFileSync(`${opened.path}/ca/${DIGEST.slice(0, 2)}/stray`, "stray");
  assert.deepEqual(await opened.store.list(), [DIGEST]);
});
