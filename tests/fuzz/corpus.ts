import { planComponent } from "@/engine/component/mod.ts";

const DIRECTORY = new URL("../fixtures/fuzz/", import.meta.url);
/** Byte 6 tells components from core modules. */
const COMPONENT_LAYER = 1;

/** What mutations start from: real components and modules, and whatever once got through. */
export interface Corpus {
  readonly modules: readonly Uint8Array[];
  readonly components: readonly Uint8Array[];
}

export async function readCorpus(): Promise<Corpus> {
  const names = [...Deno.readDirSync(DIRECTORY)].map(({ name }) => name).filter((name) => name.endsWith(".wasm"));
  const files = await Promise.all(names.toSorted().map((name) => Deno.readFile(new URL(name, DIRECTORY))));
  const components = files.filter((bytes) => bytes[6] === COMPONENT_LAYER);
  const modules = files.filter((bytes) => bytes[6] !== COMPONENT_LAYER);
  return { components, modules: [...modules, ...components.flatMap((bytes) => planComponent(bytes).coreModules)] };
}
