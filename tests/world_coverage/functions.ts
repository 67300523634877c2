import { AGGREGATOR_WORLD, OPERATOR_WORLD } from "@/engine/component/worlds.ts";

/** A function of the worlds in `wit/`. */
export interface WorldFunction {
  /** Names it in records: `wasi:io/poll#poll`, `operator host#log`, `aggregator process-input`. */
  readonly key: string;
  readonly world: "operator" | "aggregator" | "both";
  /** Heading it stands under. */
  readonly group: string;
  /** WIT name: `poll`, `[method]pollable.block`. */
  readonly name: string;
}

/**
 * Every function of both worlds, imports and exports, from the table components are checked against. WASI is the same
 * implementation behind both worlds and so is one row; `host` and the exports belong to one world each.
 */
export function worldFunctions(): WorldFunction[] {
  const functions: WorldFunction[] = [];
  for (const { name: world, imports, exports } of [OPERATOR_WORLD, AGGREGATOR_WORLD]) {
    if (world !== "operator" && world !== "aggregator") throw new Error(`"${world}" is no world of this node`);
    for (const name of exports.keys()) functions.push({ key: `${world} ${name}`, world, group: "exports", name });
    for (const imported of imports.keys()) {
      const [interfaceName = "", name = ""] = imported.split("#");
      const [group = ""] = interfaceName.split("@");
      const key = `${group}#${name}`;
      if (group === "host") functions.push({ key: `${world} ${key}`, world, group, name });
      else if (world === "operator") functions.push({ key, world: "both", group, name });
    }
  }
  return functions;
}
