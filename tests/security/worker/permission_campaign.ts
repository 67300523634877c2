/**
 * Takes a component worker over and tries everything. A program of its own, since the platform keeps its audit log
 * (`DENO_AUDIT_PERMISSIONS`) only for a whole process: `permission_campaign.ts <audit log> <file outside> <server>
 * everybody|service|trusted [directory of the worker]`; answers JSON. A trusted worker has every permission, and tries
 * only what does no harm.
 *
 * @module
 */
import { createContext } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import { componentPermissions } from "@/engine/carriers.ts";
import type { ComponentWorkerBoot } from "@/engine/worker_types.ts";
import { startWorker } from "@/link/mod.ts";
import { recordingLog } from "../probes/stage.ts";
import type { Category } from "../probes/types.ts";
import { HARMLESS, permissionAttacks } from "./permission_attacks.ts";
import type { TakenOverApi } from "./taken_over_worker.ts";

/** What came of an attack: the error that met it, or what it got. */
export interface AttackOutcome {
  readonly category: Category;
  readonly name: string;
  readonly needs?: string;
  readonly denied?: string;
  readonly got?: string;
  /** What the platform's audit log says of it. */
  readonly audited: readonly { readonly permission: string; readonly value: string | null }[];
}

const [auditLog = "", outside = "", server = "", kind = "everybody", directory] = Deno.args;
const context = createContext({ log: recordingLog([]), signal: new AbortController().signal });
const { port1, port2 } = new MessageChannel();
const worker = await startWorker<TakenOverApi, object, ComponentWorkerBoot>({
  name: "component",
  entry: new URL("./taken_over_worker.ts", import.meta.url),
  permissions: () => kind === "trusted" ? "inherit" : componentPermissions(directory),
  logLevel: "warn",
  boot: () => ({ boot: { runtime: "direct", cacheSize: 1, directory, egress: port1 }, transfer: [port1] }),
}, { context, handlers: {} });
const audit = await Deno.open(auditLog);
newInAudit();
const outcomes: AttackOutcome[] = [];
const attacks = permissionAttacks(outside, server).filter(({ name }) => kind !== "trusted" || HARMLESS.has(name));
for (const { source, ...attack } of attacks) {
  const outcome = await worker.remote.evaluate(source).then(
    (value) => ({ got: String(value) }),
    (error) => ({ denied: describeError(error) }),
  );
  outcomes.push({ ...attack, ...outcome, audited: newInAudit() });
}
audit.close();
worker.close();
port2.close();
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(outcomes)));

/** What was added since it was last asked; a file that is open needs no permission. */
function newInAudit(): AttackOutcome["audited"] {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (let read = audit.readSync(buffer); read !== null; read = audit.readSync(buffer)) {
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
  }
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}
