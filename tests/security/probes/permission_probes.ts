/** Code that has broken out of its guest, in a component worker with the permissions it really has. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { AttackOutcome } from "../worker/permission_campaign.ts";
import type { Stage } from "./stage.ts";
import type { Control, Probe } from "./types.ts";

const CAMPAIGN = fileURLToPath(new URL("../worker/permission_campaign.ts", import.meta.url));
/** What the file outside holds: a module, for those that import it. */
const UNTOUCHED = `export const outside = "of every directory";`;

/** Both kinds of component workers: those for everybody, and those kept for a service with `file_system`. */
export async function permissionProbes(stage: Stage): Promise<Probe[]> {
  const bare = await runCampaign(stage, "everybody");
  const kept = await runCampaign(stage, "service", await Deno.makeTempDir());
  const named = [["a worker for everybody", bare], ["a worker with a directory", kept]] as const;
  return named.flatMap(([worker, outcomes]) =>
    outcomes.map((outcome) => ({
      category: outcome.category,
      name: `${worker} ${outcome.name}`,
      attempt: () => Promise.resolve(denialOf(outcome)),
    }))
  );
}

/** The same attacks in the same worker succeed where it has the permissions. */
export async function permissionControls(stage: Stage): Promise<Control[]> {
  const outcomes = await runCampaign(stage, "trusted");
  return outcomes.map(({ category, name, got, denied }) => ({
    category,
    name: `a worker with permissions ${name}`,
    attempt: () => Promise.resolve(assert.ok(got !== undefined, denied)),
  }));
}

async function runCampaign(
  stage: Stage,
  kind: "everybody" | "service" | "trusted",
  directory?: string,
): Promise<readonly AttackOutcome[]> {
  const scratch = await Deno.makeTempDir();
  const [auditLog, outside] = [`${scratch}/audit.jsonl`, `${scratch}/outside.js`];
  const server = `127.0.0.1:${stage.server.port}${kind === "trusted" ? "/mine" : ""}`;
  await Deno.writeTextFile(outside, UNTOUCHED);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-prompt", CAMPAIGN, auditLog, outside, server, kind],
      ...(directory === undefined ? [] : [directory]),
    ],
    env: { DENO_AUDIT_PERMISSIONS: auditLog },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const left = {
    text: await Deno.readTextFile(outside),
    names: [...Deno.readDirSync(scratch)].map(({ name }) => name).sort(),
  };
  await Deno.remove(scratch, { recursive: true });
  if (directory !== undefined) await Deno.remove(directory, { recursive: true });
  assert.deepEqual(left, { text: UNTOUCHED, names: ["audit.jsonl", "outside.js"] });
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The platform denies, and keeps a record of most: of programs, links and what it does not have it keeps none. */
function denialOf({ needs, denied, got, audited }: AttackOutcome): Awaited<ReturnType<Probe["attempt"]>> {
  assert.ok(denied !== undefined, `it got "${got}"`);
  assert.match(denied, /^(Requires \w+ access|Can't escalate|\w+ is not defined|Deno\.symlink\(\) requires unscoped)/);
  if (needs === undefined) return { by: denied, record: "nothing to refuse" };
  const record = audited.filter(({ permission }) => permission === needs);
  return { by: denied, record: record.map(({ permission, value }) => `${permission} ${value ?? "(all)"}`) };
}
