import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { isWavsError, type ServiceId } from "@/domain/mod.ts";
import { type Database, KeyValues, lockDataDirectory, openDatabase, ServiceTable } from "./mod.ts";
import { MIGRATIONS } from "./migrations/mod.ts";

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
  const insert = (database: Database, source: string) =>
    database.sql("INSERT INTO cursors (source, cursor, updated_at_ms) VALUES (?, '', 0)").run(source);
  {
    using database = openDatabase({ path, durability: "power" });
    insert(database, "kept");
    assert.throws(() =>
      database.transaction(() => {
        insert(database, "lost");
        throw new Error("cut");
      }), /cut/);
  }
  using database = openDatabase({ path, durability: "process" });
  const rows = database.sql("SELECT source FROM cursors").all();
  assert.deepEqual(rows.map((row) => row.source), ["kept"]);
});

/** The version that began to count what a service keeps as it is written. */
const KEEPS_USAGE_SINCE = 2;

Deno.test("a database of every earlier version is brought up to date with what it holds", async () => {
  for (let version = 1; version < MIGRATIONS.length; version++) {
    using directory = temporaryDirectory();
    const path = `${directory.path}/wavs.sqlite`;
    const old = new DatabaseSync(path);
    for (const migration of MIGRATIONS.slice(0, version)) old.exec(migration);
    old.exec(`PRAGMA user_version = ${version}`);
    const place = [SERVICE, "bucket", new TextEncoder().encode("key")];
    old.prepare("INSERT INTO key_values (service_id, bucket, key, value) VALUES (?, ?, ?, ?)")
      .run(...place, new Uint8Array([1, 2, 3]));
    old.prepare("INSERT INTO counters (service_id, bucket, key, value) VALUES (?, ?, ?, '7')").run(...place);
    if (version >= KEEPS_USAGE_SINCE) {
      old.prepare("INSERT INTO key_value_usage (service_id, keys, bytes, version) VALUES (?, 2, 29, 1)").run(SERVICE);
    }
    old.close();

    using database = openDatabase({ path, durability: "process" });
    const keyValues = new KeyValues(database);
    assert.deepEqual(keyValues.get({ serviceId: SERVICE, bucket: "bucket", key: "key" }), new Uint8Array([1, 2, 3]));
    const usage = database.sql("SELECT keys, bytes FROM key_value_usage").all();
    assert.deepEqual(usage.map(({ keys, bytes }) => [keys, bytes]), [[2, 12 + 17]], `from version ${version}`);
    using execution = keyValues.begin(SERVICE);
    assert.equal(await execution.increment("bucket", "key", 1n), 8n);
  }
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

Deno.test("a full disk is a storage_full that can be retried, and loses nothing stored", async () => {
  using database = memory();
  const keys = new KeyValues(database);
  const entry = { serviceId: SERVICE, bucket: "b", key: "k" };
  const keep = async (key: string, bytes: number) => {
    using execution = keys.begin(SERVICE);
    await execution.write("b", [[key, new Uint8Array(bytes)]]);
    execution.store();
  };
  await keep("k", 10);
  const { page_count } = database.sql("PRAGMA page_count").get() ?? {};
  database.sql(`PRAGMA max_page_count = ${page_count}`).get();
  await assert.rejects(keep("big", 1_000_000), (error) => isWavsError(error, "storage_full") && error.retryable);
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
