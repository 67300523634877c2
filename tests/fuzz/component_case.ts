import { systemClock } from "@/context/mod.ts";
import { createComponentRuntime, importKey, type WorldTable } from "@/engine/component/mod.ts";
import type { DirectBody } from "@/engine/component/direct/linked_component.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { rawAction } from "@tests/support/raw_action.ts";
import { assertWavsError, type CaseOutcome } from "./module_case.ts";

const runtime = await createComponentRuntime("direct");
const FUEL = 200_000n;
const MAX_RUN_MS = 5000;
const MAX_MEMORY_BYTES = 4 * 1024 * 1024;

/** Loads bytes that may be a component, and runs what it exports. @throws Error when the loader breaks a promise */
export async function checkComponent(bytes: Uint8Array): Promise<CaseOutcome> {
  try {
    return await load(bytes);
  } catch (error) {
    if (error instanceof BrokenPromise) throw error;
    assertWavsError(error);
    return "refused";
  }
}

class BrokenPromise extends Error {}

async function load(bytes: Uint8Array): Promise<CaseOutcome> {
  const artifact = await runtime.prepare(bytes, { asyncImports: new Set(), maxMemoryBytes: MAX_MEMORY_BYTES });
  for (const module of (artifact.body as DirectBody).modules) assertMetered(module);
  const { imports, exports } = artifact.surface;
  const world: WorldTable = {
    name: "its own",
    imports: new Map(imports.map((each) => [importKey(each), each.signature])),
    exports: new Map(exports.map((each) => [each.name, each.signature])),
  };
  const component = await runtime.link(artifact, { world, grants: { http: true } });
  for (const { name } of exports) {
    using budget = new Budget({ fuel: FUEL, timeoutMs: MAX_RUN_MS }, { clock: systemClock });
    using instance = await runtime.instantiate(component, { imports: {}, budget, owner: "fuzz" });
    const args = name === "run" ? [rawAction(new Uint8Array(10))] : [3, 5, 7];
    await instance.call(name, args).catch(assertWavsError);
    if (budget.used() > FUEL) throw new BrokenPromise(`it used ${budget.used()} fuel`);
    if (budget.elapsedMs() > MAX_RUN_MS) throw new BrokenPromise(`it ran longer than ${MAX_RUN_MS} ms`);
  }
  return exports.length === 0 ? "accepted" : "ran";
}

function assertMetered(module: WebAssembly.Module): void {
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  const imported = WebAssembly.Module.imports(module).map((each) => `${each.module}/${each.name}`);
  if (exported.includes("wavs:meter/fuel") && imported.includes("wavs:meter/refill")) return;
  throw new BrokenPromise("a core module is loaded unmetered");
}
