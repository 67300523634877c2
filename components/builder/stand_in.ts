/**
 * A stand-in namespace for WASI while a component is put together.
 *
 * The guest's engine brings WASI 0.2.12 of its own, and while it snapshots the program it has real implementations of those
 * interfaces. An interface of ours that refers to one of them (HTTP hands out byte streams) would then be asked for with two
 * different resource types and be refused. Under another name the two never meet; the finished component is renamed back,
 * and the node links both versions to the same implementation.
 *
 * @module
 */
import { copyTree } from "./tree.ts";
import type { Bundle } from "./bundle.ts";

const NAMESPACE = "wasi:";

/** Of the same length, so that renaming leaves every offset in the binary alone. */
const STAND_IN = "wasj:";

/** Writes the WIT folder a bundle is built against: its world, and the packages of `wit/` under the stand-in's name. */
export async function writeWorld(bundle: Bundle, witDir: string, outDir: string): Promise<void> {
  await copyTree(`${witDir}/deps`, `${outDir}/deps`, toStandIn);
  const imports = bundle.interfaces.map((name) => `  import ${name};\n`).join("");
  const world =
    `package local:component;\n\nworld guest {\n  include wavs:${bundle.world}/component@2.6.0;\n${imports}}\n`;
  await Deno.writeTextFile(`${outDir}/world.wit`, toStandIn(world));
}

export function toStandIn(text: string): string {
  return text.replaceAll(NAMESPACE, STAND_IN);
}

/** The component with every name put right. */
export function fromStandIn(component: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const pattern = new TextEncoder().encode(STAND_IN);
  const replacement = new TextEncoder().encode(NAMESPACE);
  const renamed = component.slice();
  for (let at = renamed.indexOf(pattern[0] ?? 0); at >= 0; at = renamed.indexOf(pattern[0] ?? 0, at + 1)) {
    if (pattern.every((byte, index) => renamed[at + index] === byte)) renamed.set(replacement, at);
  }
  return renamed;
}
