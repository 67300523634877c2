import { parse as parseToml, TomlError, type TomlTable } from "smol-toml";
import { describeError, type JsonValue, WavsError } from "@/domain/mod.ts";
import { MAX_CONFIG_BYTES } from "./limits.ts";
import type { RawSettings } from "./types.ts";

/** The name of the configuration file, wherever it is. */
export const CONFIG_FILE_NAME = "wavs.toml";

export interface SearchOptions {
  readonly home: string | undefined;
  readonly readEnv: (name: string) => string | undefined;
  readonly os: typeof Deno.build.os;
}

/** Directories in which `wavs.toml` is looked for, in order (spec/wire.md 6.2). */
export function searchPath({ home, readEnv, os }: SearchOptions): readonly string[] {
  const user = readEnv("HOME") ?? readEnv("USERPROFILE");
  const xdg = readEnv("XDG_CONFIG_HOME");
  const system = os === "darwin"
    ? user && `${user}/Library/Application Support/wavs`
    : os === "windows"
    ? readEnv("APPDATA") && `${readEnv("APPDATA")}/wavs`
    : undefined;
  const found = [
    home,
    readEnv("WAVS_HOME"),
    ".",
    user && `${user}/.wavs`,
    system,
    xdg && `${xdg}/wavs`,
    user && `${user}/.config/wavs`,
    "/etc/wavs",
  ];
  return [...new Set(found.filter((directory) => directory !== undefined && directory !== ""))] as string[];
}

export interface ConfigFile {
  readonly path: string;
  readonly sections: ReadonlyMap<string, RawSettings>;
  /** Keys above the first section: they belong to none. */
  readonly strays: readonly string[];
}

/** Reads the first `wavs.toml` of `directories`. @throws WavsError `config_unreadable` when it is there but no use */
export function findConfigFile(directories: readonly string[]): ConfigFile | undefined {
  for (const directory of directories) {
    const path = `${directory}/${CONFIG_FILE_NAME}`;
    const text = readIfPresent(path);
    if (text !== undefined) return readSections(path, text);
  }
  return undefined;
}

function readIfPresent(path: string): string | undefined {
  try {
    if (Deno.statSync(path).size > MAX_CONFIG_BYTES) throw new Error(`it is larger than ${MAX_CONFIG_BYTES} bytes`);
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return undefined;
    throw unreadable(path, describeError(cause), cause);
  }
}

function readSections(path: string, text: string): ConfigFile {
  const sections = new Map<string, RawSettings>();
  const strays: string[] = [];
  for (const [name, value] of Object.entries(parseFile(path, text))) {
    const section = toJson(value);
    if (section instanceof Map) sections.set(name, section);
    else strays.push(name);
  }
  return { path, sections, strays };
}

/** The parser's own message quotes lines around the error, which may hold secrets: only its place is taken over. */
function parseFile(path: string, text: string): TomlTable {
  try {
    return parseToml(text, { integersAsBigInt: true });
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw unreadable(path, describeError(cause), cause);
    const reason = describeError(cause).replace(/^Invalid TOML document: /, "");
    throw unreadable(path, `${reason} at line ${cause.line}, column ${cause.column}`);
  }
}

/** A date is no setting; as text it will be refused by name. */
function toJson(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
  }
  return value as JsonValue;
}

function unreadable(path: string, why: string, cause?: unknown): WavsError {
  return new WavsError("config_unreadable", {
    message: `Cannot read the configuration file "${path}": ${why}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
