import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { inspectComponent } from "@/engine/mod.ts";
import { createLogger, createSecretFilter, parseLogDirectives } from "@/telemetry/mod.ts";
import { type CommandOptions, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { readNamedFile } from "../read_file.ts";
import type { Terminal } from "../terminal.ts";
import { encodeInspection, type Inspected, printInspection } from "./inspection_report.ts";
import { onlyArgument } from "./only_argument.ts";

const OPTIONS = {
  json: { type: "boolean", help: "Print one line of JSON, with the types of all functions" },
} as const satisfies CommandOptions;

const HELP = `wavs component inspect FILE: what a component asks for and what it costs

  Shows the world it fits, its exports and imports, the permissions these imply, its size and core modules. Nothing it
  exports is called.

  The cost of instantiating is measured, on this machine: for 0.3 s all core modules are instantiated anew, metered as in
  a node, in a worker without permissions and with no functions to call; the median is shown. A node keeps core instances
  where it can, so an execution may cost less. A start function that calls the host leaves nothing to measure.

Examples
  wavs component inspect square.wasm
  wavs component inspect oracle.wasm --json | jq .permissions

Options
${optionsHelp(OPTIONS)}`;

/**
 * `wavs component inspect`.
 *
 * @returns the exit code of a success
 * @throws WavsError `component_invalid`, `component_unsupported`, `component_too_large`, `file_unreadable`
 */
export async function runInspect(args: readonly string[], terminal: Terminal): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options, positionals } = parseCommand("component inspect", OPTIONS, args);
  const path = onlyArgument(positionals, { command: "component inspect", expected: "the file of a component" });
  const bytes = await readNamedFile(path, "component");
  const log = createLogger({
    format: "pretty",
    color: !Deno.noColor && Deno.stderr.isTerminal(),
    directives: parseLogDirectives(["warn"]),
    secrets: createSecretFilter([]),
  });
  const inspected: Inspected = {
    path,
    bytes: bytes.length,
    digest: bytesToHex(sha256(bytes)),
    inspection: await inspectComponent(bytes, log),
  };
  if (options.json) terminal.line(JSON.stringify(encodeInspection(inspected)));
  else printInspection(terminal, inspected);
  return 0;
}
