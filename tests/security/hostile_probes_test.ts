/** Attacks by real guests, and by code that has taken a component worker over: each is denied, and leaves a record. */
import assert from "node:assert/strict";
import { bombProbes } from "./probes/bomb_probes.ts";
import { fileProbes } from "./probes/file_probes.ts";
import { importProbes, inertNameProbes } from "./probes/name_probes.ts";
import { addressProbes, headerProbes, hostProbes } from "./probes/network_probes.ts";
import { permissionControls, permissionProbes } from "./probes/permission_probes.ts";
import { portProbes } from "./probes/port_probes.ts";
import { rebindingControls, rebindingProbes } from "./probes/rebinding_probes.ts";
import { abiProbes, floodProbes } from "./probes/size_probes.ts";
import { openStage, type Stage } from "./probes/stage.ts";
import { CATEGORIES, type Control, type Denial, type Probe, PROMISED_CATEGORIES } from "./probes/types.ts";

/** What the project promises; there are more. */
const MIN_PROBES = 60;

const PROBES: readonly ((stage: Stage) => Promise<Probe[]>)[] = [
  addressProbes,
  hostProbes,
  headerProbes,
  rebindingProbes,
  abiProbes,
  floodProbes,
  bombProbes,
  fileProbes,
  importProbes,
  inertNameProbes,
  permissionProbes,
  portProbes,
];

const CONTROLS: readonly ((stage: Stage) => Promise<Control[]>)[] = [permissionControls, rebindingControls];

Deno.test("every hostile probe is denied and leaves a record", async (t) => {
  await using stage = await openStage();
  const probes = (await Promise.all(PROBES.map((table) => table(stage)))).flat();
  const denials = new Map<Probe, Denial>();
  for (const probe of probes) {
    await t.step(titleOf(probe), async () => {
      const denial = await probe.attempt();
      assert.equal(stage.server.hits, 0, "nobody reaches the server");
      const { by, record } = denial;
      const isRecorded = record === "nothing to refuse" || record.some((line) => line !== "");
      assert.ok(by !== "" && isRecorded, `denied by "${by}", recorded as "${record}"`);
      denials.set(probe, denial);
    });
  }
  for (const control of (await Promise.all(CONTROLS.map((table) => table(stage)))).flat()) {
    await t.step(`allowed: ${titleOf(control)}`, async () => void await control.attempt());
  }
  say(tableOf(probes, denials));
  assert.equal(new Set(probes.map(titleOf)).size, probes.length, "no probe counts twice");
  const denied = [...denials].filter(([, { record }]) => record !== "nothing to refuse");
  assert.ok(denied.length >= MIN_PROBES, `${denied.length} probes were denied; ${MIN_PROBES} are promised`);
  for (const category of PROMISED_CATEGORIES) {
    assert.ok([...denials.keys()].some((probe) => probe.category === category), `no probe of "${category}"`);
  }
});

function titleOf({ category, name }: Probe | Control): string {
  return `${category}: ${name}`;
}

/** Numbered, category by category. */
function tableOf(probes: readonly Probe[], denials: ReadonlyMap<Probe, Denial>): string {
  const sorted = CATEGORIES.flatMap((category) => probes.filter((probe) => probe.category === category));
  const rows = sorted.map((probe, index) => {
    const by = denials.get(probe)?.by ?? "GOT THROUGH";
    return `${String(index + 1).padStart(4)}  ${probe.category.padEnd(20)}  ${probe.name.slice(0, 70).padEnd(70)}  ${
      by.split("\n", 1)[0]?.slice(0, 60)
    }`;
  });
  const inert = [...denials.values()].filter(({ record }) => record === "nothing to refuse").length;
  return [
    ...rows,
    `${probes.length} hostile probes: ${
      denials.size - inert
    } denied and recorded, ${inert} without effect and nothing to refuse`,
  ].join("\n");
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
