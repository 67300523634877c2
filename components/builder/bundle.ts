import { fileURLToPath } from "node:url";
import { WavsError } from "@/domain/errors.ts";
import { readErrors } from "./type_check.ts";

const PROJECT_CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const TEXT_CODEC = new URL("../wavs/text_codec.js", import.meta.url);

/** Import specifiers the component's engine resolves, not the bundler. */
const HOST_IMPORTS = ["host", "wasi:*"];

/** The source of one component in a single module. */
export interface Bundle {
  readonly source: string;
  readonly world: "operator" | "aggregator";
  /** The WASI interfaces the source imports, sorted. */
  readonly interfaces: readonly string[];
}

export interface BundleOptions {
  /** The `deno.json` whose imports the sources use; default: this project's. */
  readonly configPath?: string;
}

/**
 * Bundles a component and reads off it what world it needs.
 *
 * @throws WavsError `component_build_failed`
 */
export async function bundleComponent(
  entry: string,
  { configPath = PROJECT_CONFIG }: BundleOptions = {},
): Promise<Bundle> {
  const code = await bundleWith(configPath, entry);
  return {
    source: (await Deno.readTextFile(TEXT_CODEC)) + code,
    world: detectWorld(code, entry),
    interfaces: findInterfaces(code),
  };
}

/**
 * In a process of its own, since one has the imports of one configuration only, that of the directory it was started
 * in. Minified not for size: comments name paths, and those would make the bytes depend on where the project lies.
 */
async function bundleWith(configPath: string, entry: string): Promise<string> {
  const external = HOST_IMPORTS.flatMap((name) => ["--external", name]);
  const args = ["bundle", "--config", configPath, "--platform", "browser", "--format", "esm", ...external, "--minify"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, entry],
    env: { NO_COLOR: "1" },
  }).output();
  const code = new TextDecoder().decode(stdout);
  if (success && code !== "") return code;
  const output = new TextDecoder().decode(stderr);
  const [first] = readErrors(output);
  throw buildFailure(
    entry,
    first === undefined ? output.trim() : `${first.path}:${first.line}:${first.column}: ${first.text}`,
  );
}

function detectWorld(code: string, entry: string): Bundle["world"] {
  const clause = Array.from(code.matchAll(/\bexport\s*\{([^}]*)\}/g)).at(-1)?.[1] ?? "";
  const names = clause.split(",").map((name) => name.split(" as ").at(-1)?.trim());
  if (names.includes("run")) return "operator";
  if (names.includes("processInput")) return "aggregator";
  throw buildFailure(entry, 'it exports neither "run" nor "processInput"');
}

function findInterfaces(code: string): string[] {
  const specifiers = code.matchAll(/\bimport\b[^"';]*["'](wasi:[^"']+)["']/g);
  return [...new Set(Array.from(specifiers, ([, specifier]) => specifier ?? ""))].sort();
}

function buildFailure(entry: string, reason: string): WavsError {
  return new WavsError("component_build_failed", {
    message: `Cannot bundle component "${entry}" because ${reason}`,
    retryable: false,
  });
}
