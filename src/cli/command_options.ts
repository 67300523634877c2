import { parseArgs } from "node:util";
import { describeError, WavsError } from "@/domain/mod.ts";

/** One option of a command: what parses it and what `--help` says of it. */
export interface CommandOption {
  readonly type: "string" | "boolean";
  /** Stands for the value in the help; only for strings. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: true;
  readonly help: string;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** The values as given; repeated options are lists. */
export type ParsedOptions<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: Options[Name] extends { readonly multiple: true } ? readonly string[]
    : Options[Name] extends { readonly type: "boolean" } ? boolean
    : string | undefined;
};

export interface ParsedCommand<Options extends CommandOptions> {
  readonly options: ParsedOptions<Options>;
  readonly positionals: readonly string[];
}

/**
 * Reads a command's arguments.
 *
 * @throws WavsError `unknown_option` for an option it does not have, one that lacks its value or has one too many
 */
export function parseCommand<Options extends CommandOptions>(
  command: string,
  options: Options,
  args: readonly string[],
): ParsedCommand<Options> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(Object.entries(options).map(([name, option]) => [name, parserOf(option)])),
      allowPositionals: true,
    });
    const read = (name: string, { type, multiple }: CommandOption) =>
      values[name] ?? (multiple === true ? [] : type === "boolean" ? false : undefined);
    const parsed = Object.entries(options).map(([name, option]) => [name, read(name, option)]);
    return { options: Object.fromEntries(parsed) as ParsedOptions<Options>, positionals };
  } catch (cause) {
    throw new WavsError("unknown_option", {
      // The first sentence says it; the others are about parsing.
      message: `${describeError(cause).split(". ", 1)[0]}; see wavs ${command} --help`,
      retryable: false,
      cause,
    });
  }
}

function parserOf({ type, multiple }: CommandOption): { type: CommandOption["type"]; multiple?: true } {
  return multiple === true ? { type, multiple } : { type };
}

/** Whether the arguments ask for help. */
export function wantsHelp(args: readonly string[]): boolean {
  return args.includes("--help") || args.includes("-h");
}

/** One line per option, for `--help`. */
export function optionsHelp(options: CommandOptions): string {
  const rows = Object.entries(options).map(([name, { value, help }]) => [
    `--${name}${value === undefined ? "" : ` ${value}`}`,
    help,
  ]);
  const width = Math.max(...rows.map(([flag = ""]) => flag.length)) + 2;
  return rows.map(([flag = "", help = ""]) => `  ${flag.padEnd(width)}${help}`).join("\n");
}

/** The complaint about a value that does not fit its option. */
export function invalidOption(flag: string, value: string, expected: string): WavsError {
  return new WavsError("option_invalid", {
    message: `Cannot use "${value}" for ${flag}; expected ${expected}`,
    retryable: false,
  });
}
