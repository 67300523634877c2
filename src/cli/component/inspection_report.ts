import type { ComponentInspection, ImportedFunction } from "@/engine/mod.ts";
import { escapeControls } from "@/telemetry/mod.ts";
import { styled, type Terminal } from "../terminal.ts";
import { type PermissionNeed, permissionNeeds } from "./permissions.ts";

/** A component's file and what was found in it. */
export interface Inspected {
  readonly path: string;
  readonly bytes: number;
  readonly digest: string;
  readonly inspection: ComponentInspection;
}

/** What `--json` prints; sizes in bytes, times in the unit of their name. */
export function encodeInspection({ digest, bytes, inspection }: Inspected): Readonly<Record<string, unknown>> {
  const { fit, surface, coreModules, prepareMs, instantiation } = inspection;
  return {
    digest,
    bytes,
    world: fit.world ?? null,
    ...(fit.world === undefined ? { misfit: { code: fit.error.code, message: fit.error.message } } : {}),
    exports: surface.exports.map(({ name, signature }) => ({ name, type: signature })),
    imports: surface.imports.map(({ interfaceName, name, signature }) => ({
      interface: interfaceName,
      name,
      type: signature,
    })),
    permissions: Object.fromEntries(permissionNeeds(surface.imports).map(({ permission, need }) => [permission, need])),
    core_modules: coreModules.map((size) => ({ bytes: size })),
    prepare_ms: rounded(prepareMs),
    instantiate: encodeCost(instantiation),
  };
}

function encodeCost(cost: ComponentInspection["instantiation"]): unknown {
  if (cost === undefined) return null;
  if ("error" in cost) return { error: { code: cost.error.code, message: cost.error.message } };
  return { median_us: rounded(cost.medianUs), instances: cost.instances };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

const LABEL_WIDTH = 13;

/** Prints an inspection for people. Names come from the component, so control characters in them are escaped. */
export function printInspection(terminal: Terminal, { path, bytes, digest, inspection }: Inspected): void {
  const { fit, surface, coreModules, prepareMs, instantiation } = inspection;
  const row = (label: string, text: string) =>
    terminal.line(`  ${styled(terminal, "dim", label.padEnd(LABEL_WIDTH))}${escapeControls(text)}`);
  terminal.line(styled(terminal, "bold", path));
  row("world", fit.world ?? `none: ${fit.error.message}`);
  row("digest", digest);
  row("size", `${bytes} bytes, ${coreModules.length} core modules (${coreModules.join(" + ")} bytes)`);
  row("prepare", `${prepareMs.toFixed(1)} ms to parse, meter and compile, once per start of a node`);
  row("instantiate", describeCost(instantiation));
  terminal.line(styled(terminal, "bold", "permissions"));
  for (const need of permissionNeeds(surface.imports)) printNeed(row, need);
  terminal.line(styled(terminal, "bold", "exports"));
  for (const { name } of surface.exports) terminal.line(`  ${escapeControls(name)}`);
  terminal.line(styled(terminal, "bold", "imports"));
  for (const [interfaceName, functions] of Map.groupBy(surface.imports, (each) => each.interfaceName)) {
    terminal.line(`  ${escapeControls(`${interfaceName}: ${functions.map(shownName).join(", ")}`)}`);
  }
}

function describeCost(cost: ComponentInspection["instantiation"]): string {
  if (cost === undefined) return "not measured: it fits no world";
  if ("error" in cost) return `not measured: ${cost.error.message}`;
  return `${cost.medianUs.toFixed(0)} µs on this machine, median of ${cost.instances}, without calling anything`;
}

function printNeed(row: (label: string, text: string) => void, { permission, need, because }: PermissionNeed): void {
  const width = "allowed_http_hosts".length + 2 - LABEL_WIDTH;
  const label = permission.padEnd(LABEL_WIDTH + width);
  switch (need) {
    case "required":
      return row(label, `required: it imports ${because}`);
    case "optional":
      return row(label, `only if it uses it: it imports ${because}`);
    case "unused":
      return row(label, "not needed");
  }
}

/** `[method]output-stream.write` as `output-stream.write`. */
function shownName({ name }: ImportedFunction): string {
  return name.replace(/^\[(?:method|static)\]/, "").replace(/^\[constructor\]/, "new ");
}
