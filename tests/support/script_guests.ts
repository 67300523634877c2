/** Components made of one plain script, for what samples have no use for. */
import { fileURLToPath } from "node:url";
import { bundleComponent } from "@components/builder/bundle.ts";
import { componentize } from "@components/builder/componentize.ts";
import type { Service } from "@/domain/mod.ts";
import type { ExecutionReport } from "@/engine/mod.ts";
import { fromStandIn, toStandIn, writeWorld } from "@components/builder/stand_in.ts";
import { type Executor, payloadsOf, runService } from "./engine.ts";

const WIT = fileURLToPath(new URL("../../wit", import.meta.url));

/** Builds `tests/fixtures/guests/<name>.js`; it imports the host's interfaces by name and exports what its world wants. */
export async function scriptGuest(name: string): Promise<Uint8Array> {
  const bundle = await bundleComponent(fileURLToPath(new URL(`../fixtures/guests/${name}.js`, import.meta.url)));
  const witPath = await Deno.makeTempDir();
  try {
    await writeWorld(bundle, WIT, witPath);
    const built = await componentize({
      witPath,
      world: "guest",
      jsSource: toStandIn(bundle.source),
      sync: true,
      optSize: true,
    });
    return fromStandIn(built);
  } finally {
    await Deno.remove(witPath, { recursive: true });
  }
}

/** What a scripted guest is told to do, with its arguments. */
export type Operation = readonly [name: string, ...args: unknown[]];

export interface ScriptAnswer {
  readonly ok?: unknown;
  readonly error?: string;
}

/** Runs operations in one execution; tells what each answered, and the execution's report. */
export async function performScript(
  engine: Executor,
  service: Service,
  ...script: Operation[]
): Promise<{ readonly answers: readonly ScriptAnswer[]; readonly report: ExecutionReport }> {
  const result = await runService(engine, service, JSON.stringify(script));
  return { answers: JSON.parse(payloadsOf(result)[0] ?? "[]"), report: result.report };
}
