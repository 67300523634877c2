import assert from "node:assert/strict";
import type { Logger } from "@/context/mod.ts";
import { componentDigestOf } from "@/domain/mod.ts";
import { MeteredModuleTable, openDatabase } from "@/storage/mod.ts";
import { MeteredCache } from "./metered_cache.ts";

const DIGEST = componentDigestOf(new Uint8Array([1]));
const OTHER = componentDigestOf(new Uint8Array([2]));
const FILE = new TextEncoder().encode("metered modules");

function openStage() {
  const directory = Deno.makeTempDirSync();
  const database = openDatabase({ path: ":memory:", durability: "process" });
  const warnings: string[] = [];
  const log: Logger = {
    error() {},
    warn: (message) => void warnings.push(message),
    info() {},
    debug() {},
    trace() {},
    child: () => log,
  };
  const files = new MeteredModuleTable(database);
  const open = (engine: string) => new MeteredCache({ dataDirectory: directory, engine }, { files, log });
  return {
    open,
    cache: open("engine1"),
    root: `${directory}/metered`,
    file: `${directory}/metered/engine1/${DIGEST}`,
    warnings,
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
      Deno.removeSync(directory, { recursive: true });
    },
  };
}

Deno.test("metered modules are found again by the engine that made them and by no other", async () => {
  using stage = openStage();
  assert.equal(await stage.cache.read(DIGEST), undefined);
  await stage.cache.write(DIGEST, FILE);
  assert.deepEqual(await stage.cache.read(DIGEST), FILE);
  assert.equal(await stage.cache.read(OTHER), undefined);
  assert.equal(await stage.open("engine2").read(DIGEST), undefined);
  assert.deepEqual(stage.warnings, []);
});

Deno.test("whoever can write the directory and not the database gets nothing read", async () => {
  const changed = FILE.map((byte, index) => index === 3 ? byte ^ 1 : byte);
  const tricks: Readonly<Record<string, (path: string) => void>> = {
    "one bit": (path) => Deno.writeFileSync(path, changed),
    "shorter": (path) => Deno.truncateSync(path, FILE.length - 1),
    "longer": (path) => Deno.writeFileSync(path, new Uint8Array([...FILE, 0])),
    "endless": (path) => {
      Deno.removeSync(path);
      Deno.symlinkSync("/dev/zero", path);
    },
    "a pipe": (path) => {
      Deno.removeSync(path);
      assert.ok(new Deno.Command("mkfifo", { args: [path] }).outputSync().success);
    },
    "a directory": (path) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    },
  };
  for (const [name, trick] of Object.entries(tricks)) {
    using stage = openStage();
    await stage.cache.write(DIGEST, FILE);
    trick(stage.file);
    assert.equal(await stage.cache.read(DIGEST), undefined, name);
    assert.deepEqual(stage.warnings, ["A file of the metering cache is not what was written, and is made anew"], name);
  }
});

Deno.test("the modules of another component in its place are not taken", async () => {
  using stage = openStage();
  await stage.cache.write(DIGEST, FILE);
  await stage.cache.write(OTHER, FILE.toReversed());
  Deno.copyFileSync(stage.file.replace(DIGEST, OTHER), stage.file);
  assert.equal(await stage.cache.read(DIGEST), undefined);
});

Deno.test("a file that cannot be written costs nothing but the next start", async () => {
  using stage = openStage();
  Deno.writeTextFileSync(stage.root, "a file where the cache should be");
  await stage.cache.write(DIGEST, FILE);
  assert.deepEqual(stage.warnings, ["Metered modules are not cached"]);
  assert.equal(await stage.cache.read(DIGEST), undefined);
});

Deno.test("a file that is gone is made anew without a word", async () => {
  using stage = openStage();
  await stage.cache.write(DIGEST, FILE);
  Deno.removeSync(stage.file);
  assert.equal(await stage.cache.read(DIGEST), undefined);
  assert.deepEqual(stage.warnings, []);
});

Deno.test("a sweep keeps the files of stored components and this engine", async () => {
  using stage = openStage();
  await stage.open("engine0").write(DIGEST, FILE);
  await stage.cache.write(DIGEST, FILE);
  await stage.cache.write(OTHER, FILE);
  Deno.writeTextFileSync(`${stage.file}.0.part`, "met");
  await stage.cache.sweep(new Set([DIGEST]));
  assert.deepEqual([...Deno.readDirSync(stage.root)].map(({ name }) => name), ["engine1"]);
  assert.deepEqual([...Deno.readDirSync(`${stage.root}/engine1`)].map(({ name }) => name), [DIGEST]);
  assert.deepEqual(await stage.cache.read(DIGEST), FILE);
  assert.equal(await stage.open("engine0").read(DIGEST), undefined);
});
