import { meterModule } from "@/engine/metering/mod.ts";
import { invalidComponent } from "../errors.ts";
import { DEFAULT_MAX_MEMORY_BYTES } from "../limits.ts";
import { planComponent, type PlannedComponent } from "../plan/evaluate.ts";
import { hostBinding } from "../plan/names.ts";
import type { CoreReference, Plan } from "../plan/types.ts";
import type { ComponentArtifact, ComponentSurface, PrepareOptions } from "../types.ts";
import { checkCoreName, checkCoreNames } from "./core_names.ts";

/** What a jco artefact carries. */
export interface JcoBody {
  /** The transpiler's output, an ES module. */
  readonly source: string;
  /** Metered and compiled core modules by the file names the source asks for. */
  readonly modules: ReadonlyMap<string, WebAssembly.Module>;
}

const PAGE_BYTES = 65536;

/** The output looks for a debug switch in the environment, which a worker without permissions may not read. */
const PRELUDE = "const globalThis = { WebAssembly }; const console = { debug() {}, error() {} };\n";

/** Transpiles a component. Nothing generated is evaluated here, and nothing is returned unless its names are harmless. */
export async function transpile(bytes: Uint8Array, options: PrepareOptions): Promise<ComponentArtifact> {
  const planned = planComponent(bytes);
  await checkNames(planned);
  const { $init, generate } = await import("@bytecodealliance/jco-transpile/component");
  await $init;
  const asyncImports = versionedAsyncImports(planned.surface, options.asyncImports);
  const { files } = generate(bytes, {
    name: "component",
    noTypescript: true,
    noNodejsCompat: true,
    base64Cutoff: 0,
    instantiation: { tag: "async" },
    // Without need it is left out: a call that traps never settles when its export is asynchronous.
    asyncMode: asyncImports.length === 0 ? { tag: "sync" } : {
      tag: "jspi",
      val: { imports: asyncImports, exports: planned.surface.exports.map((each) => each.name) },
    },
  });
  const maxMemoryPages = Math.floor((options.maxMemoryBytes ?? DEFAULT_MAX_MEMORY_BYTES) / PAGE_BYTES);
  const modules = new Map<string, WebAssembly.Module>();
  for (const [name, content] of files) {
    if (name.endsWith(".wasm")) {
      modules.set(name, await WebAssembly.compile(meterModule(content, { maxMemoryPages }).bytes));
    }
  }
  const source = files.find(([name]) => name.endsWith(".js"))?.[1];
  if (source === undefined) throw invalidComponent("the transpiler made no code of it");
  const body: JcoBody = {
    source: PRELUDE + new TextDecoder().decode(source),
    modules,
  };
  return { runtime: "jco", surface: planned.surface, body };
}

async function checkNames({ plan, coreModules }: PlannedComponent): Promise<void> {
  const modules: WebAssembly.Module[] = [];
  for (const core of coreModules) {
    const bytes = core as Uint8Array<ArrayBuffer>;
    if (!WebAssembly.validate(bytes)) throw invalidComponent("one of its core modules is not valid WebAssembly");
    modules.push(await WebAssembly.compile(bytes));
  }
  checkCoreNames(modules);
  for (const reference of coreReferences(plan)) if (reference.kind === "export") checkCoreName(reference.name);
  for (const { imports } of plan.coreInstances) {
    for (const each of imports) {
      checkCoreName(each.module);
      if (each.kind === "one") checkCoreName(each.name);
    }
  }
}

function* coreReferences(plan: Plan): Iterable<CoreReference> {
  const functions = [...plan.lowered, ...plan.exports.map((each) => each.function)];
  for (const { options } of functions) {
    for (const each of [options.memory, options.realloc, options.postReturn]) if (each !== undefined) yield each;
  }
  for (const each of plan.exports) yield each.function.core;
  for (const { imports } of plan.coreInstances) {
    for (const each of imports) if (each.kind === "one") yield each.value;
  }
}

/** jco names imports with their version. */
function versionedAsyncImports(surface: ComponentSurface, asyncImports: ReadonlySet<string>): string[] {
  return surface.imports
    .filter((each) => asyncImports.has(hostBinding(each.interfaceName, each.name).id))
    .map((each) => `${each.interfaceName}#${each.name}`);
}
