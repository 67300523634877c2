import { resolve } from "node:path";
import { generateMnemonic } from "@scure/bip39";
import { english } from "viem/accounts";
import { describeError, WavsError } from "@/domain/mod.ts";
import { type CommandOptions, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { configTemplate } from "./template.ts";

const OPTIONS = {
  data: { type: "string", value: "DIRECTORY", help: "Where the node keeps its data; default: data, in the directory" },
} as const satisfies CommandOptions;

const HELP = `wavs init: a configuration to begin with

  wavs init                      wavs.toml and signing_mnemonic in this directory
  wavs init /etc/wavs --data /var/lib/wavs

  The mnemonic is new and is the node's alone: whoever has the file can sign for it, and without it nobody can. Keep a
  copy offline. Nothing that is there is overwritten.

Options
${optionsHelp(OPTIONS)}`;

/** 24 words. */
const MNEMONIC_BITS = 256;

/**
 * `wavs init [DIRECTORY]`.
 *
 * @returns the exit code
 * @throws WavsError `init_exists` when something is there already, `init_failed`; what was written before stays
 */
export function runInit(args: readonly string[], terminal: Terminal = createTerminal()): number {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { options, positionals: [given = ".", extra] } = parseCommand("init", OPTIONS, args);
  if (extra !== undefined) {
    throw new WavsError("unexpected_argument", {
      message: `wavs init takes one directory, not also "${extra}"`,
      retryable: false,
    });
  }
  const directory = resolve(given);
  const config = `${directory}/wavs.toml`;
  const mnemonic = `${directory}/signing_mnemonic`;
  const data = resolve(directory, options.data ?? "data");
  attempt(directory, () => Deno.mkdirSync(directory, { recursive: true, mode: 0o700 }));
  for (const path of [config, mnemonic]) requireAbsent(path);
  writeNew(mnemonic, `${generateMnemonic([...english], MNEMONIC_BITS)}\n`, 0o600);
  writeNew(config, configTemplate({ data, mnemonic }), 0o644);
  terminal.line(`Written: ${config}`);
  terminal.line(`Written: ${mnemonic}, which only you can read; keep a copy offline`);
  terminal.line();
  terminal.line("Next");
  terminal.line(`  name a chain in ${config}`);
  terminal.line(`  wavs doctor --home ${directory}`);
  terminal.line(`  wavs run --home ${directory}`);
  return 0;
}

function requireAbsent(path: string): void {
  const found = attempt(path, () => {
    try {
      return Deno.lstatSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  });
  if (found !== undefined) throw exists(path);
}

/** Never over anything, whatever came there meanwhile. */
function writeNew(path: string, text: string, mode: number): void {
  attempt(path, () => Deno.writeTextFileSync(path, text, { createNew: true, mode }));
}

function attempt<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) throw exists(path);
    throw new WavsError("init_failed", {
      message: `Cannot write "${path}" because ${describeError(cause)}; give a directory this user may write to`,
      retryable: false,
      cause,
    });
  }
}

function exists(path: string): WavsError {
  return new WavsError("init_exists", {
    message: `Cannot write "${path}" because it is there already; nothing was changed, give another directory`,
    retryable: false,
  });
}
