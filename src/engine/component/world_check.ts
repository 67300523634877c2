import { WavsError } from "@/domain/errors.ts";
import { interfaceTrack } from "./plan/names.ts";
import type { ComponentSurface, ImportedFunction, LinkOptions, WorldGrants, WorldTable } from "./types.ts";

/** The key of an imported function in {@link WorldTable.imports}: `wasi:io/poll#poll`, `host#log`. */
export function importKey(imported: Pick<ImportedFunction, "interfaceName" | "name">): string {
  return `${interfaceTrack(imported.interfaceName)}#${imported.name}`;
}

/**
 * Compares what a component imports and exports with a world, by name and structural type, and with a service's
 * grants (spec/engine.md 2.1, 2.2). Interfaces of which only types are imported need nothing and are always fine.
 *
 * @throws WavsError `component_import_unknown`, `component_import_mistyped`, `component_import_denied`,
 * `component_export_missing`, `component_export_mistyped`
 */
export function checkWorld(surface: ComponentSurface, options: LinkOptions): void {
  // A component for the other world is told so first: what is wrong with its imports helps nobody. For every other one
  // the imports come first, for they say by name what this node lacks.
  const missing = [...options.world.exports.keys()].find((name) => !surface.exports.some((each) => each.name === name));
  const madeForAnotherWorld = missing !== undefined && surface.exports.length > 0;
  if (madeForAnotherWorld) throw exportMissing(missing, options.world);
  for (const imported of surface.imports) {
    checkImport(imported, options.world);
    checkGrant(imported, options.grants);
  }
  if (missing !== undefined) throw exportMissing(missing, options.world);
  for (const { name, signature } of surface.exports) {
    const wanted = options.world.exports.get(name);
    if (wanted !== undefined && signature !== wanted) throw exportMistyped(name, signature, wanted);
  }
}

function checkImport(imported: ImportedFunction, world: WorldTable): void {
  const expected = world.imports.get(importKey(imported));
  const shown = shownName(imported);
  if (expected === undefined) {
    throw new WavsError("component_import_unknown", {
      message: `The component imports "${shown}", which the ${world.name} world of this node does not have; ` +
        "build it against this node's WIT packages",
      retryable: false,
      meta: { import: shown, world: world.name },
    });
  }
  if (expected === imported.signature) return;
  throw new WavsError("component_import_mistyped", {
    message: `The component imports "${shown}" with the type "${imported.signature}" instead of "${expected}"; ` +
      "build it against this node's WIT packages",
    retryable: false,
    meta: { import: shown, expected, actual: imported.signature },
  });
}

function checkGrant(imported: ImportedFunction, grants: WorldGrants): void {
  if (grants.http || !imported.interfaceName.startsWith("wasi:http/")) return;
  throw new WavsError("component_import_denied", {
    message: `The component imports "${shownName(imported)}", but its permissions allow no HTTP host; ` +
      `set "allowed_http_hosts" in the service definition`,
    retryable: false,
    meta: { import: shownName(imported), permission: "allowed_http_hosts" },
  });
}

function shownName(imported: ImportedFunction): string {
  return imported.interfaceName === "" ? imported.name : `${imported.interfaceName}#${imported.name}`;
}

function exportMissing(name: string, world: WorldTable): WavsError {
  return new WavsError("component_export_missing", {
    message: `The component does not export "${name}", which the ${world.name} world requires`,
    retryable: false,
    meta: { export: name, world: world.name },
  });
}

function exportMistyped(name: string, actual: string, expected: string): WavsError {
  return new WavsError("component_export_mistyped", {
    message: `The component exports "${name}" with the type "${actual}" instead of "${expected}"; ` +
      "build it against this node's WIT packages",
    retryable: false,
    meta: { export: name, expected, actual },
  });
}
