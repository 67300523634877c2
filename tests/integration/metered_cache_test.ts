/** The cache of metered modules in the real engine: what a second start makes of it, and of one that was tampered with. */
import assert from "node:assert/strict";
import type { ComponentDigest } from "@/domain/mod.ts";
import { hashComponent } from "@/engine/component_store.ts";
import { MeteredModuleTable, openDatabase } from "@/storage/mod.ts";
import { payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { operatorGuest } from "@tests/support/wat_guests.ts";

/** Two components whose modules differ in the one byte they answer. */
function answering(letter: string): Promise<Uint8Array> {
  const body = `(i32.store8 (i32.const 1024) (i32.const ${letter.charCodeAt(0)}))
    (local.set $answer (i32.const 1024)) (local.set $length (i32.const 1))`;
  return operatorGuest({ body });
}

/** A node's directory and database, from one start of the engine to the next. */
async function openStage() {
  const data = await Deno.makeTempDir();
  const database = openDatabase({ path: `${data}/wavs.sqlite`, durability: "process" });
  const files = new MeteredModuleTable(database);
  const start = () => startEngine({ dataDirectory: data, meteredFiles: files });
  {
    await using harness = await start();
    for (const letter of ["a", "b"]) await harness.engine.upload(await answering(letter));
  }
  const engine = [...Deno.readDirSync(`${data}/metered`)][0]?.name ?? "";
  return {
    engine,
    files,
    fileOf: (digest: ComponentDigest) => `${data}/metered/${engine}/${digest}`,
    /** What the component answers in an engine that was just started. */
    run: async (digest: ComponentDigest) => {
      await using harness = await start();
      return payloadsOf(await runService(harness.engine, serviceOf({ operator: digest }), ""));
    },
    async [Symbol.asyncDispose]() {
      database[Symbol.dispose]();
      await Deno.remove(data, { recursive: true });
    },
  };
}

Deno.test("modules metered before a restart are used after it", async () => {
  await using stage = await openStage();
  const [a, b] = [await hashComponent(await answering("a")), await hashComponent(await answering("b"))];
  assert.deepEqual(await stage.run(a), ["a"]);
  // Whoever holds directory and database can exchange them, which shows that they are what runs.
  const swapped = Deno.readFileSync(stage.fileOf(b));
  Deno.writeFileSync(stage.fileOf(a), swapped);
  stage.files.put(a, stage.engine, { sha256: await hashComponent(swapped), bytes: swapped.length });
  assert.deepEqual(await stage.run(a), ["b"]);
});

Deno.test("modules that somebody else put into the directory never run, and are made anew", async () => {
  await using stage = await openStage();
  const [a, b] = [await hashComponent(await answering("a")), await hashComponent(await answering("b"))];
  const genuine = Deno.readFileSync(stage.fileOf(a));
  Deno.copyFileSync(stage.fileOf(b), stage.fileOf(a));
  assert.deepEqual(await stage.run(a), ["a"]);
  assert.deepEqual(Deno.readFileSync(stage.fileOf(a)), genuine);
  Deno.truncateSync(stage.fileOf(a), 3);
  assert.deepEqual(await stage.run(a), ["a"]);
  assert.deepEqual(Deno.readFileSync(stage.fileOf(a)), genuine);
});
