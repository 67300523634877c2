import assert from "node:assert/strict";
import { type Logger, systemClock } from "@/context/mod.ts";
import { parseServiceId, type ServiceId } from "@/domain/mod.ts";
import { KeyValues, openDatabase } from "@/storage/mod.ts";
import { ComponentStore } from "./component_store.ts";
import { ServiceFiles } from "./service_files.ts";
import { sweep } from "./sweep.ts";

const REGISTERED = parseServiceId("11".repeat(32));
const REMOVED = parseServiceId("22".repeat(32));
const REMOVED_TOO = parseServiceId("33".repeat(32));

function openStage() {
  const directory = Deno.makeTempDirSync();
  const database = openDatabase({ path: ":memory:", durability: "process" });
  const said: string[] = [];
  const note = (message: string) => void said.push(message);
  const log: Logger = { error: note, warn: note, info: note, debug() {}, trace() {}, child: () => log };
  const files = new ServiceFiles(directory);
  const keyValue = new KeyValues(database);
  const store = new ComponentStore({ dataDirectory: directory, durability: "process" }, { clock: systemClock });
  const removeServiceData = async (serviceId: ServiceId) => {
    keyValue.clear(serviceId);
    await files.remove(serviceId);
  };
  return {
    directory,
    files,
    keyValue,
    store,
    said,
    modules: { log, store, metered: undefined, files, keyValue, removeServiceData },
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
      Deno.removeSync(directory, { recursive: true });
    },
  };
}

async function keep(keyValue: KeyValues, serviceId: ServiceId): Promise<void> {
  using transaction = keyValue.begin(serviceId);
  await transaction.write("bucket", [["key", new Uint8Array([1])]]);
  transaction.store();
}

Deno.test("what a crash left of removed services goes, what registered ones keep stays", async () => {
  using stage = openStage();
  for (const serviceId of [REGISTERED, REMOVED]) {
    Deno.writeTextFileSync(`${await stage.files.directoryOf(serviceId)}/state`, "1");
  }
  for (const serviceId of [REGISTERED, REMOVED_TOO]) await keep(stage.keyValue, serviceId);
  Deno.mkdirSync(`${stage.directory}/app/notes of the operator`);
  await sweep(new Set([REGISTERED]), stage.modules);
  assert.deepEqual(await stage.files.owners(), [REGISTERED]);
  assert.deepEqual(stage.keyValue.owners(), [REGISTERED]);
  assert.equal(Deno.readTextFileSync(`${stage.directory}/app/${REGISTERED}/state`), "1");
  assert.ok(Deno.statSync(`${stage.directory}/app/notes of the operator`).isDirectory);
  assert.deepEqual(stage.said, Array(2).fill("Files and key-values of a service that is not registered are removed"));
});

Deno.test("a directory that is a link goes without what it leads to", async () => {
  using stage = openStage();
  Deno.mkdirSync(`${stage.directory}/elsewhere/precious`, { recursive: true });
  Deno.mkdirSync(`${stage.directory}/app`);
  Deno.symlinkSync(`${stage.directory}/elsewhere`, `${stage.directory}/app/${REMOVED}`);
  await sweep(new Set(), stage.modules);
  assert.deepEqual(await stage.files.owners(), []);
  assert.ok(Deno.statSync(`${stage.directory}/elsewhere/precious`).isDirectory);
});

Deno.test("a component whose writing was cut short leaves nothing behind", async () => {
  using stage = openStage();
  const digest = await stage.store.put(new Uint8Array([1, 2, 3]));
  const directory = `${stage.directory}/ca/${digest.slice(0, 2)}/${digest.slice(2, 4)}`;
  Deno.writeTextFileSync(`${directory}/${digest}.1.part`, "1");
  Deno.mkdirSync(`${stage.directory}/ca/00/00`, { recursive: true });
  Deno.writeTextFileSync(`${stage.directory}/ca/00/00/${"0".repeat(64)}.1.part`, "1");
  await sweep(new Set(), stage.modules);
  assert.deepEqual((await stage.store.inventory()).leftovers, []);
  assert.deepEqual(await stage.store.list(), [digest]);
  assert.deepEqual([...Deno.readDirSync(`${stage.directory}/ca`)].map(({ name }) => name), [digest.slice(0, 2)]);
});

Deno.test("what cannot be removed is told, and the rest is swept all the same", async () => {
  using stage = openStage();
  await keep(stage.keyValue, REMOVED);
  Deno.writeTextFileSync(`${stage.directory}/ca`, "a file where the store should be");
  Deno.writeTextFileSync(`${stage.directory}/app`, "and one where directories should be");
  await sweep(new Set(), stage.modules);
  assert.deepEqual(stage.said, ["Data of removed services stay where they are"]);
});
