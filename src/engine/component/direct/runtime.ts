import { type MeteredModule, meterModule, scanModule } from "@/engine/metering/mod.ts";
import { componentTooLarge, invalidComponent } from "../errors.ts";
import { DEFAULT_MAX_MEMORY_BYTES, MAX_MEMORIES } from "../limits.ts";
import { planComponent } from "../plan/evaluate.ts";
import type { CoreInstantiation } from "../plan/types.ts";
import type {
  ComponentArtifact,
  ComponentInstance,
  ComponentRuntime,
  InstantiateOptions,
  LinkOptions,
  LoadedComponent,
  PrepareOptions,
} from "../types.ts";
import { checkWorld } from "../world_check.ts";
import { DirectInstance } from "./instance.ts";
import { type DirectBody, LinkedComponent } from "./linked_component.ts";

const PAGE_BYTES = 65536;

/** The node's own carrier: no code is generated, nothing is evaluated but metered WebAssembly. */
export function createDirectRuntime(): ComponentRuntime {
  return { name: "direct", prepare, link, instantiate };
}

async function prepare(bytes: Uint8Array, options: PrepareOptions): Promise<ComponentArtifact> {
  const { plan, surface, coreModules: unchecked } = planComponent(bytes);
  const metered = options.metered?.length === unchecked.length
    ? options.metered
    : meterAll(unchecked, plan.coreInstances, options);
  const body: DirectBody = {
    plan,
    modules: await Promise.all(metered.map(({ bytes }) => compile(bytes))),
    asyncImports: [...options.asyncImports],
    isRestorable: metered.every((each) => each.isRestorable),
  };
  return { runtime: "direct", surface, body };
}

function meterAll(
  unchecked: readonly Uint8Array[],
  instances: readonly CoreInstantiation[],
  { maxMemoryBytes, onMetered }: PrepareOptions,
): readonly MeteredModule[] {
  const coreModules = unchecked.map(validated);
  const maxMemoryPages = pagesPerMemory(coreModules, instances, maxMemoryBytes);
  const metered = coreModules.map((core) => meterModule(core, { maxMemoryPages }));
  onMetered?.(metered);
  return metered;
}

// deno-lint-ignore require-await -- the contract is asynchronous because the other carrier loads a module here
async function link(artifact: ComponentArtifact, options: LinkOptions): Promise<LoadedComponent> {
  checkWorld(artifact.surface, options);
  return new LinkedComponent(artifact);
}

async function instantiate(component: LoadedComponent, options: InstantiateOptions): Promise<ComponentInstance> {
  if (!(component instanceof LinkedComponent)) throw new TypeError("the component was linked by another runtime");
  return await DirectInstance.create(component, options);
}

/** The memory limit is one instance's in all, so its memories share it. */
function pagesPerMemory(
  coreModules: readonly Uint8Array[],
  instances: readonly CoreInstantiation[],
  maxBytes: number = DEFAULT_MAX_MEMORY_BYTES,
): number {
  const definesMemory = coreModules.map((core) => scanModule(core).definesMemory);
  const memories = instances.filter((each) => definesMemory[each.module] === true).length;
  if (memories > MAX_MEMORIES) throw componentTooLarge("memories", MAX_MEMORIES);
  return Math.floor(maxBytes / PAGE_BYTES / Math.max(1, memories));
}

function validated(core: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = core as Uint8Array<ArrayBuffer>;
  if (!WebAssembly.validate(bytes)) throw invalidComponent("one of its core modules is not valid WebAssembly");
  return bytes;
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw invalidComponent("one of its core modules cannot be compiled", error);
  }
}
