import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { basename, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compileComponent } from "@components/builder/compile.ts";
import { checkTypes, type SourceError } from "@components/builder/type_check.ts";
import { WavsError } from "@/domain/mod.ts";
import { type CommandOptions, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { isFile } from "../is_file.ts";
import { styled, type Terminal } from "../terminal.ts";
import { onlyArgument } from "./only_argument.ts";

const OPTIONS = {
  out: { type: "string", value: "FILE", help: "Where to write the component; default: NAME.wasm in the folder" },
  "no-check": { type: "boolean", help: "Skip the type check" },
} as const satisfies CommandOptions;

const HELP = `wavs component build [DIR]: build a component from TypeScript

  Checks the types of component.ts in DIR (default: here), bundles it and puts it into a WebAssembly component together
  with a JavaScript engine, as this node's own samples are. The world is the one whose functions component.ts exports.
  Two builds of the same sources have different digests: build once and give every operator the same file.

Examples
  wavs component build
  wavs component build price_feed --out build/price_feed.wasm

Options
${optionsHelp(OPTIONS)}`;

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * `wavs component build`.
 *
 * @returns the exit code of a success
 * @throws WavsError `component_source_missing`, `component_type_error`, `component_build_failed`,
 * `component_build_unsupported`
 */
export async function runBuild(args: readonly string[], terminal: Terminal): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options, positionals } = parseCommand("component build", OPTIONS, args);
  const directory = resolve(onlyArgument(positionals, { command: "component build", expected: "DIR", fallback: "." }));
  const name = basename(directory);
  const out = options.out ?? `${shownPath(directory)}/${name}.wasm`;
  const startedMs = performance.now();
  const component = await build(directory, { isChecked: !options["no-check"] }, terminal);
  await writeComponent(out, component);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  terminal.line(`Built ${styled(terminal, "bold", out)} (${component.length} bytes) in ${seconds} s`);
  terminal.line(`  digest ${bytesToHex(sha256(component))}`);
  return 0;
}

async function build(directory: string, { isChecked }: { readonly isChecked: boolean }, terminal: Terminal) {
  const entry = `${directory}/component.ts`;
  if (!isFile(entry)) throw sourceMissing(directory);
  const own = `${directory}/deno.json`;
  const configPath = isFile(own) ? own : `${ROOT}deno.json`;
  if (isChecked) {
    const errors = await checkTypes(entry, configPath);
    if (errors.length > 0) throw typeError(directory, errors, terminal);
  }
  return await compileComponent(entry, `${ROOT}wit`, { configPath });
}

/** Every error gets a line an editor or a terminal can jump to; the sentence names the first. */
function typeError(directory: string, errors: readonly SourceError[], terminal: Terminal): WavsError {
  const lines = errors.map(({ path, line, column, text }) => `${shownPath(path)}:${line}:${column}: ${text}`);
  for (const line of lines) terminal.line(styled(terminal, "red", line));
  const count = errors.length === 1 ? "an error" : `${errors.length} errors`;
  return new WavsError("component_type_error", {
    message: `Cannot build the component in "${shownPath(directory)}" because of ${count} in its sources: ${lines[0]}`,
    retryable: false,
  });
}

function sourceMissing(directory: string): WavsError {
  return new WavsError("component_source_missing", {
    message: `Cannot build "${shownPath(directory)}" because it has no component.ts; ` +
      "name the folder of a component, or make one with wavs component new",
    retryable: false,
  });
}

/** From here when it is below, as people and editors want it. */
function shownPath(path: string): string {
  const fromHere = relative(Deno.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere === "" ? "." : fromHere;
}

/** Whoever reads the file sees the old one or the new one, whole. */
async function writeComponent(path: string, component: Uint8Array): Promise<void> {
  const slash = path.lastIndexOf("/");
  if (slash > 0) await Deno.mkdir(path.slice(0, slash), { recursive: true });
  const temporary = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(temporary, component);
  await Deno.rename(temporary, path);
}
