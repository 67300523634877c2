import type { ComponentRuntime, ComponentSurface, LoadedComponent, WorldTable } from "../types.ts";
import { importKey } from "../world_check.ts";

/** A world that allows exactly what a component has, for components that belong to no world of ours. */
export function ownWorld(surface: ComponentSurface): WorldTable {
  return {
    name: "test",
    imports: new Map(surface.imports.map((each) => [importKey(each), each.signature])),
    exports: new Map(surface.exports.map((each) => [each.name, each.signature])),
  };
}

/** Makes a component ready to run in its own world; nothing it imports waits. */
export async function linkForItself(runtime: ComponentRuntime, bytes: Uint8Array): Promise<LoadedComponent> {
  const artifact = await runtime.prepare(bytes, { asyncImports: new Set() });
  return await runtime.link(artifact, { world: ownWorld(artifact.surface), grants: { http: true } });
}
