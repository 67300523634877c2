import assert from "node:assert/strict";
import { systemClock } from "@/context/mod.ts";
import { componentDigestOf, isWavsError } from "@/domain/mod.ts";
import { ComponentStore } from "./component_store.ts";
import { MAX_COMPONENT_BYTES } from "./limits.ts";

const BYTES = new TextEncoder().encode("hello");
const DIGEST = componentDigestOf(BYTES);

function openStore(durability: "process" | "power" = "process") {
  const path = Deno.makeTempDirSync();
  const directory = `${path}/ca/${DIGEST.slice(0, 2)}/${DIGEST.slice(2, 4)}`;
  return {
    directory,
    file: `${directory}/${DIGEST}`,
    store: new ComponentStore({ dataDirectory: path, durability }, { clock: systemClock }),
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

Deno.test("a component is stored under the path of its digest, once", async () => {
  using opened = openStore();
  assert.equal(await opened.store.put(BYTES), DIGEST);
  assert.equal(await opened.store.put(BYTES), DIGEST);
  assert.deepEqual([...Deno.readDirSync(opened.directory)].map(({ name }) => name), [DIGEST]);
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
  Deno.writeTextFileSync(opened.file, "hallo");
  await assert.rejects(opened.store.get(DIGEST), (error) => isWavsError(error, "component_damaged"));
});

Deno.test("what is no file, or larger than a component can be, is not even read", async () => {
  using opened = openStore();
  await opened.store.put(BYTES);
  Deno.truncateSync(opened.file, MAX_COMPONENT_BYTES + 1);
  await assert.rejects(opened.store.get(DIGEST), (error) => {
    assert.ok(isWavsError(error, "component_damaged"));
    assert.match(error.message, /its file has 52428801 bytes/);
    return true;
  });
  Deno.removeSync(opened.file);
  Deno.symlinkSync("/dev/zero", opened.file);
  await assert.rejects(opened.store.get(DIGEST), (error) => isWavsError(error, "component_damaged"));
  assert.equal(await opened.store.put(BYTES), DIGEST);
  assert.deepEqual(await opened.store.get(DIGEST), BYTES);
});

Deno.test("a damaged file is mended by the same component put again", async () => {
  for (const durability of ["process", "power"] as const) {
    using opened = openStore(durability);
    await opened.store.put(BYTES);
    Deno.writeTextFileSync(opened.file, "hallo");
    assert.equal(await opened.store.put(BYTES), DIGEST);
    assert.deepEqual(await opened.store.get(DIGEST), BYTES);
  }
});

Deno.test("what a write that was cut short left behind is told apart from components", async () => {
  using opened = openStore();
  await opened.store.put(BYTES);
  Deno.writeTextFileSync(`${opened.file}.0.part`, "hel");
  const { components, leftovers } = await opened.store.inventory();
  assert.deepEqual(components.map(({ digest, bytes }) => [digest, bytes]), [[DIGEST, 5]]);
  assert.deepEqual(leftovers.map(({ path, bytes }) => [path, bytes]), [[`${opened.file}.0.part`, 3]]);
  assert.deepEqual(await opened.store.list(), [DIGEST]);
});

Deno.test("a write that fails leaves nothing behind", async () => {
  using opened = openStore();
  // A directory stands where the component belongs.
  Deno.mkdirSync(`${opened.file}/x`, { recursive: true });
  await assert.rejects(opened.store.put(BYTES), (error) => isWavsError(error, "storage_failed"));
  assert.deepEqual([...Deno.readDirSync(opened.directory)].map(({ name }) => name), [DIGEST]);
});

Deno.test("a component that is asked for counts as used", async () => {
  using opened = openStore();
  assert.equal(await opened.store.touch(DIGEST), false);
  await opened.store.put(BYTES);
  Deno.utimeSync(opened.file, 1, 1);
  assert.equal(await opened.store.touch(DIGEST), true);
  const [component] = (await opened.store.inventory()).components;
  assert.ok(component !== undefined && component.usedAtMs > 1_000_000_000_000, `${component?.usedAtMs}`);
});

Deno.test("a listing passes over what is no component", async () => {
  using opened = openStore();
  await opened.store.put(BYTES);
  Deno.writeTextFileSync(`${opened.path}/ca/README`, "stray");
  Deno.writeTextFileSync(`${opened.path}/ca/${DIGEST.slice(0, 2)}/stray`, "stray");
  assert.deepEqual(await opened.store.list(), [DIGEST]);
});
