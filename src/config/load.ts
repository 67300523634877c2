import { parseEnv } from "node:util";
import { decode, decodeChainConfigs, describeError, type JsonValue, WavsError } from "@/domain/mod.ts";
import { type ConfigFile, findConfigFile, searchPath } from "./file.ts";
import { parseFlags, readVariables } from "./flags.ts";
import { nearest } from "./nearest.ts";
import { FOREIGN_KEYS, SETTING_LIST, SETTINGS } from "./settings.ts";
import type { Config, ConfigNote, RawSettings } from "./types.ts";

export interface LoadOptions {
  /** Flags of the command line. */
  readonly args: readonly string[];
  /** Default: the environment of the process. */
  readonly readEnv?: (name: string) => string | undefined;
  readonly os?: typeof Deno.build.os;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was used, if there is one. */
  readonly path: string | undefined;
  readonly notes: readonly ConfigNote[];
}

/**
 * Puts the configuration together: flag over environment over `[wavs]` over `[default]` over built-in (spec/wire.md 6.1,
 * as documented there).
 *
 * A missing file is no error, unlike in the reference: everything it could say can be said by flags and variables.
 *
 * @throws WavsError `config_invalid` naming every value that is wrong, `config_unreadable`, `unknown_option`
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const flags = parseFlags(options.args);
  const outside = options.readEnv ?? ((name) => Deno.env.get(name));
  const readEnv = withDotenv(outside, flags.dotenv);
  const file = findConfigFile(searchPath({ home: flags.home, readEnv, os: options.os ?? Deno.build.os }));
  const merged = [
    file?.sections.get("default") ?? new Map(),
    file?.sections.get("wavs") ?? new Map(),
    readVariables(readEnv),
    flags.settings,
  ].reduce(mergeTables);
  return { config: decodeConfig(merged, file?.path, readEnv), path: file?.path, notes: notesOf(file, merged) };
}

/** Variables of the first `.env` that says so, below those that are set already (spec/wire.md 6.3). */
function withDotenv(
  outside: (name: string) => string | undefined,
  flag: string | undefined,
): (name: string) => string | undefined {
  const files = [flag, outside("WAVS_DOTENV"), "./.env"].filter((path) => path !== undefined);
  const layers = files.map(readDotenv);
  return (name) => outside(name) ?? layers.map((layer) => layer[name]).find((value) => value !== undefined);
}

function readDotenv(path: string): Partial<Record<string, string>> {
  try {
    return parseEnv(Deno.readTextFileSync(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return {};
    throw new WavsError("config_unreadable", {
      message: `Cannot read the environment file "${path}": ${describeError(cause)}`,
      retryable: false,
      cause,
    });
  }
}

/** Tables merge key by key, everything else is replaced. */
export function mergeTables(below: RawSettings, above: RawSettings): RawSettings {
  const merged = new Map(below);
  for (const [key, value] of above) {
    const lower = merged.get(key);
    merged.set(
      key,
      lower instanceof Map && value instanceof Map ? mergeTables(lower, value) as Map<string, JsonValue> : value,
    );
  }
  return merged;
}

function decodeConfig(
  raw: RawSettings,
  path: string | undefined,
  readEnv: (name: string) => string | undefined,
): Config {
  const problems: string[] = [];
  const read = <Value>(key: string, field: decode.OptionalField<Value>): Value => {
    try {
      // One key in an object of its own, so that absence and defaults are the decoder's business.
      const value = raw.get(key);
      return decode.object({ [key]: field })(new Map(value === undefined ? [] : [[key, value]]))[key] as Value;
    } catch (error) {
      problems.push(describeError(error));
      return undefined as Value;
    }
  };
  const { aggregator, engine, ...plain } = SETTINGS;
  const values = Object.fromEntries(
    Object.entries(plain).map(([name, entry]) => [name, read<unknown>(entry.key, entry.field)]),
  ) as unknown as Omit<Config, "chains" | "engineRuntime" | "burnedQueueTtlSecs">;
  const chains = read("chains", decode.withDefault(decodeChainConfigs, new Map()));
  const config: Config = {
    ...values,
    data: expandHome(values.data, readEnv("HOME")),
    chains: chains === undefined ? [] : [...chains.values()],
    burnedQueueTtlSecs: read(aggregator.key, aggregator.field)?.burned_queue_ttl_secs,
    engineRuntime: read(engine.key, engine.field)?.runtime ?? "direct",
  };
  if (problems.length === 0) return config;
  throw new WavsError("config_invalid", {
    message: `Cannot use the configuration${path === undefined ? "" : ` of "${path}" and its overrides`}: ${
      problems.join("; ")
    }`,
    retryable: false,
  });
}

function expandHome(path: string, home: string | undefined): string {
  return home !== undefined && /^~(?=$|\/)/.test(path ?? "") ? home + path.slice(1) : path;
}

function notesOf(file: ConfigFile | undefined, merged: RawSettings): ConfigNote[] {
  if (file === undefined) {
    return [{ level: "info", message: "No wavs.toml was found; flags, variables and defaults are used" }];
  }
  const known = SETTING_LIST.map((setting) => setting.key);
  const unknown = [...merged.keys()].filter((key) => !known.includes(key) && !FOREIGN_KEYS.has(key));
  return unknown.map((key) => {
    const guess = nearest(key, known);
    const hint = guess === undefined ? "" : `; did you mean "${guess}"?`;
    return { level: "warn", message: `"${file.path}" sets "${key}", which this node does not know${hint}` };
  });
}
