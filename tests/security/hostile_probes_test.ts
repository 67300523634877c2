/** Attacks by real guests, and by code that has taken a component worker over: each is denied, and leaves a record. */
import assert from "node:assert/strict";
import { fileProbes } from "./probes/file_probes.ts";
import { importProbes, inertNameProbes } from "./probes/name_probes.ts";
import { addressProbes, headerProbes, hostProbes } from "./probes/network_probes.ts";
import { permissionProbes } from "./probes/permission_probes.ts";
import { portProbes } from "./probes/port_probes.ts";
import { abiProbes, floodProbes } from "./probes/size_probes.ts";
import { openStage, type Stage } from "./probes/stage.ts";
import type { Probe } from "./probes/types.ts";

/** What the project promises; there are more. */
const MIN_PROBES = 60;

const TABLES: readonly ((stage: Stage) => Promise<Probe[]>)[] = [
  addressProbes,
  hostProbes,
  headerProbes,
  abiProbes,
  floodProbes,
  fileProbes,
  importProbes,
  inertNameProbes,
  permissionProbes,
  portProbes,
];

Deno.test("every hostile probe is denied and leaves a record", async (t) => {
  await using stage = await openStage();
  const probes = (await Promise.all(TABLES.map((table) => table(stage)))).flat();
  let denied = 0;
  let inert = 0;
  for (const { name, attempt } of probes) {
    await t.step(name, async () => {
      const { by, record } = await attempt();
      assert.equal(stage.server.hits, 0, "nobody reaches the server");
      if (record === "nothing to refuse") return void inert++;
      assert.ok(by !== "" && record.some((line) => line !== ""), `denied by "${by}", recorded as "${record}"`);
      denied++;
    });
  }
  say(`${probes.length} hostile probes: ${denied} denied and recorded, ${inert} without effect and nothing to refuse`);
  assert.equal(new Set(probes.map(({ name }) => name)).size, probes.length, "no probe counts twice");
  assert.ok(denied >= MIN_PROBES, `${denied} probes were denied; ${MIN_PROBES} are promised`);
});

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
