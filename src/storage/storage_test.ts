import assert from "node:assert/strict";
import { isWavsError, type ServiceId } from "@/domain/mod.ts";
import { createKeyValues, lockDataDirectory, openDatabase, ServiceTable } from "./mod.ts";
import { KEY_PAGE_SIZE } from "./limits.ts";

const SERVICE = "76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11" as ServiceId;
const OTHER_SERVICE = "807ff0222b1ed4636e9575cfcf12596e086b686bdb896fe7813252b33c64d618" as ServiceId;

function memory() {
  return openDatabase({ path: ":memory:", durability: "process" });
}

function temporaryDirectory() {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

Deno.test("a data directory is locked for one process and free once that is gone", async () => {
  using directory = temporaryDirectory();
  const tryLock = async () => {
    const script = `
      import { lockDataDirectory } from "${import.meta.resolve("./mod.ts")}";
      try { lockDataDirectory(Deno.args[0]); } catch (error) { console.log(error.code, error.message); }`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--quiet",
        "--config",
        new URL("../../deno.json", import.meta.url).pathname,
        script,
        directory.path,
      ],
    }).output();
    return new TextDecoder().decode(stdout);
  };
  {
    using _lock = lockDataDirectory(directory.path);
    const refusal = await tryLock();
    assert.match(
      refusal,
      /^data_locked Cannot use the data directory ".+" because another node \(process \d+\) is running/,
    );
  }
  assert.equal(await tryLock(), "");
});

Deno.test("a database keeps what was committed and nothing of a transaction that threw", () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/wavs.sqlite`;
  {
    using database = openDatabase({ path, durability: "power" });
    const keys = createKeyValues(database);
    keys.set({ serviceId: SERVICE, bucket: "b", key: "kept" }, new Uint8Array([1]));
    assert.throws(() =>
      database.transaction(() => {
        keys.set({ serviceId: SERVICE, bucket: "b", key: "lost" }, new Uint8Array([2]));
        throw new Error("cut");
      }), /cut/);
  }
  using database = openDatabase({ path, durability: "process" });
  const keys = createKeyValues(database);
  assert.deepEqual(keys.get({ serviceId: SERVICE, bucket: "b", key: "kept" }), new Uint8Array([1]));
  assert.equal(keys.get({ serviceId: SERVICE, bucket: "b", key: "lost" }), undefined);
});

Deno.test("a database of a newer node is refused and left as it is", () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/wavs.sqlite`;
  {
    using database = openDatabase({ path, durability: "process" });
    database.sql("PRAGMA user_version = 99").run();
  }
  assert.throws(() => openDatabase({ path, durability: "process" }), (error) => {
    assert.ok(isWavsError(error, "database_unusable"));
    assert.match(error.message, /version 99 is newer/);
    return true;
  });
});

Deno.test("a file that is no database is refused by name", () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/wavs.sqlite`;
  Deno.writeTextFileSync(path, "x".repeat(5_000));
  assert.throws(() => openDatabase({ path, durability: "process" }), (error) => {
    assert.ok(isWavsError(error, "database_unusable"));
    assert.ok(error.message.includes(path));
    return true;
  });
});

Deno.test("a full disk is a storage_full that can be retried, and loses nothing stored", () => {
  using database = memory();
  const keys = createKeyValues(database);
  const entry = { serviceId: SERVICE, bucket: "b", key: "k" };
  keys.set(entry, new Uint8Array(10));
  const { page_count } = database.sql("PRAGMA page_count").get() ?? {};
  database.sql(`PRAGMA max_page_count = ${page_count}`).get();
  assert.throws(
    () => database.transaction(() => keys.set({ ...entry, key: "big" }, new Uint8Array(1_000_000))),
    (error) => isWavsError(error, "storage_full") && error.retryable,
  );
  assert.deepEqual(keys.get(entry), new Uint8Array(10));
});

Deno.test("a service keeps its key index, removed or not, and nobody else gets it", () => {
  using database = memory();
  const table = new ServiceTable(database);
  assert.equal(table.hdIndex(SERVICE), 1);
  assert.equal(table.hdIndex(OTHER_SERVICE), 2);
  table.remove(SERVICE);
  assert.equal(table.hdIndex(SERVICE), 1);
});

Deno.test("keys are listed in byte order, page by page, of one bucket of one service only", () => {
  using database = memory();
  const keys = createKeyValues(database);
  const value = new Uint8Array();
  const names = Array.from({ length: KEY_PAGE_SIZE + 2 }, (_, index) => `k${String(index).padStart(6, "0")}`);
  for (const key of ["\u{10000}", "\u{ffff}", ...names]) keys.set({ serviceId: SERVICE, bucket: "b", key }, value);
  keys.set({ serviceId: SERVICE, bucket: "other", key: "a" }, value);
  keys.set({ serviceId: OTHER_SERVICE, bucket: "b", key: "a" }, value);
  const first = keys.listKeys({ serviceId: SERVICE, bucket: "b" }, undefined);
  const second = keys.listKeys({ serviceId: SERVICE, bucket: "b" }, first.cursor);
  assert.equal(first.keys.length, KEY_PAGE_SIZE);
  assert.equal(second.cursor, undefined);
  // U+FFFF is three bytes in UTF-8 and comes before U+10000; as UTF-16 it would come after.
  assert.deepEqual([...first.keys, ...second.keys], [...names, "\u{ffff}", "\u{10000}"]);
});

Deno.test("counters start at zero, go both ways, wrap at 64 bits and are apart from values", () => {
  using database = memory();
  const keys = createKeyValues(database);
  const entry = { serviceId: SERVICE, bucket: "b", key: "k" };
  keys.set(entry, new Uint8Array([9]));
  assert.equal(keys.increment(entry, 3n), 3n);
  assert.equal(keys.increment(entry, -5n), -2n);
  assert.equal(keys.increment(entry, 2n ** 63n - 1n), 2n ** 63n - 3n);
  assert.equal(keys.increment(entry, 3n), -(2n ** 63n));
  assert.deepEqual(keys.get(entry), new Uint8Array([9]));
});

Deno.test("compare-and-swap writes only over what was expected", () => {
  using database = memory();
  const keys = createKeyValues(database);
  const entry = { serviceId: SERVICE, bucket: "b", key: "k" };
  assert.equal(keys.compareAndSwap(entry, new Uint8Array([1]), new Uint8Array([2])), false);
  assert.equal(keys.compareAndSwap(entry, undefined, new Uint8Array([1])), true);
  assert.equal(keys.compareAndSwap(entry, new Uint8Array([1]), new Uint8Array([2])), true);
  assert.deepEqual(keys.get(entry), new Uint8Array([2]));
});
