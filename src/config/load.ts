import { parseEnv } from "node:util";
import { decode, decodeChainConfigs, describeError, type JsonValue, WavsError } from "@/domain/mod.ts";
import { endpointProblems } from "./check_chains.ts";
import { findConfigFile, searchPath } from "./file.ts";
import { parseFlags, readVariables } from "./flags.ts";
import { DEFAULT_SUBMIT_DELAY_MS, MAX_CONFIG_BYTES, MIN_BEARER_TOKEN_CHARS } from "./limits.ts";
import { readCredential, readSecretFile, sharedFileNotes } from "./secret_files.ts";
import { fileKeyOf, flagOf, SECRET_SETTINGS, SETTINGS } from "./settings.ts";
import type { Config, ConfigNote, RawSettings } from "./types.ts";
import { fileNotes, variableNotes } from "./unknown_keys.ts";

export interface LoadOptions {
  /** Flags of the command line. */
  readonly args: readonly string[];
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string>>;
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
 * A missing file is no error, unlike in the reference: everything it could say can be said by flags and variables. A
 * secret may stand in a file of its own (`signing_mnemonic_file`), or come from the service manager, below all else.
 *
 * @throws WavsError `config_invalid` naming every value that is wrong, `config_unreadable`, `unknown_option`
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const flags = parseFlags(options.args);
  const env = withDotenv(options.env ?? Deno.env.toObject(), flags.dotenv);
  const readEnv = (name: string): string | undefined => env[name];
  const file = findConfigFile(searchPath({ home: flags.home, readEnv, os: options.os ?? Deno.build.os }));
  const layers: readonly Layer[] = [
    { name: "[default]", settings: file?.sections.get("default") ?? new Map() },
    { name: "[wavs]", settings: file?.sections.get("wavs") ?? new Map() },
    { name: "the environment", settings: readVariables(readEnv) },
    { name: "the command line", settings: flags.settings },
  ];
  const merged = [
    readCredentials(env.CREDENTIALS_DIRECTORY),
    ...layers.map((layer, index) => withSecretFiles(layer, layers.slice(index + 1))),
  ]
    .reduce(mergeTables);
  const config = decodeConfig(merged, file?.path, env.HOME);
  const notes = [
    ...(file === undefined ? [NO_FILE] : fileNotes(file)),
    ...variableNotes(Object.keys(env)),
    ...secretNotes(layers, file?.path, { config, credentials: env.CREDENTIALS_DIRECTORY }),
  ];
  return { config, path: file?.path, notes };
}

interface Layer {
  readonly name: string;
  readonly settings: RawSettings;
}

const NO_FILE: ConfigNote = {
  level: "info",
  message: "No wavs.toml was found; flags, variables and defaults are used",
};

/** Adds the variables of the files that are named, below those that are set already (spec/wire.md 6.3). */
function withDotenv(
  outside: Readonly<Record<string, string>>,
  flag: string | undefined,
): Readonly<Partial<Record<string, string>>> {
  const files = [flag, outside.WAVS_DOTENV, "./.env"].filter((path) => path !== undefined);
  return Object.assign({}, ...files.map(readDotenv).reverse(), outside);
}

function readDotenv(path: string): Partial<Record<string, string>> {
  try {
    if (Deno.statSync(path).size > MAX_CONFIG_BYTES) throw new Error(`it is larger than ${MAX_CONFIG_BYTES} bytes`);
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

function readCredentials(directory: string | undefined): RawSettings {
  if (directory === undefined) return new Map();
  return new Map(SECRET_SETTINGS.flatMap(({ key }) => {
    const value = readCredential(directory, key);
    return value === undefined ? [] : [[key, value] as const];
  }));
}

/**
 * Replaces the path of a secret's file by what the file holds. One that a layer above puts another in place of is left
 * alone: under a service manager this user may not even read it.
 */
function withSecretFiles({ name, settings }: Layer, above: readonly Layer[]): RawSettings {
  const read = new Map(settings);
  for (const { key } of SECRET_SETTINGS) {
    const path = settings.get(fileKeyOf(key));
    if (path === undefined) continue;
    if (typeof path !== "string" || settings.has(key)) {
      throw new WavsError("config_invalid", {
        message: typeof path === "string"
          ? `Cannot use both "${key}" and "${fileKeyOf(key)}" of ${name}; give one of them`
          : `Cannot use "${fileKeyOf(key)}" of ${name}; expected the path of a file`,
        retryable: false,
      });
    }
    if (!isNamedIn(above, key)) read.set(key, readSecretFile(path));
  }
  return read;
}

function isNamedIn(layers: readonly Layer[], secretKey: string): boolean {
  return layers.some(({ settings }) => settings.has(secretKey) || settings.has(fileKeyOf(secretKey)));
}

/** What is worth saying about how secrets are kept, and the API without one. */
function secretNotes(
  layers: readonly Layer[],
  path: string | undefined,
  { config, credentials }: { readonly config: Config; readonly credentials: string | undefined },
): readonly ConfigNote[] {
  const [byDefault, own, , flags] = layers.map(({ settings }) => settings);
  const isIn = (settings: RawSettings | undefined) => SECRET_SETTINGS.some(({ key }) => settings?.has(key));
  const files = layers.flatMap(({ settings }, index) =>
    SECRET_SETTINGS.filter(({ key }) => !isNamedIn(layers.slice(index + 1), key))
      .map(({ key }) => settings.get(fileKeyOf(key)))
      // systemd lets the service in by an access list, whose mask looks like a mode that lets the group in.
      .filter((file) => credentials === undefined || !`${file}`.startsWith(`${credentials}/`))
  );
  const warn = (message: string): ConfigNote => ({ level: "warn", message });
  return [
    ...(path !== undefined && (isIn(byDefault) || isIn(own)) ? sharedFileNotes(path) : []),
    ...files.flatMap((file) => typeof file === "string" ? sharedFileNotes(file) : []),
    ...SECRET_SETTINGS.filter(({ key }) => flags?.has(key)).map((setting) =>
      warn(`Every user of this machine can see ${flagOf(setting)} in the list of processes; use a file or a variable`)
    ),
    ...((config.bearerToken?.length ?? Infinity) >= MIN_BEARER_TOKEN_CHARS
      ? []
      : [warn(`The bearer token has fewer than ${MIN_BEARER_TOKEN_CHARS} characters and can be guessed`)]),
    ...(config.bearerToken !== undefined || isLoopback(config.host)
      ? []
      : [warn(`Whoever reaches "${config.host}:${config.port}" may register services; set WAVS_BEARER_TOKEN`)]),
  ];
}

/** Whether only this machine reaches an address of the HTTP API. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
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
  home: string | undefined,
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
  const { aggregator, engine, triggers, ...plain } = SETTINGS;
  const values = Object.fromEntries(
    Object.entries(plain).map(([name, entry]) => [name, read<unknown>(entry.key, entry.field)]),
  ) as unknown as Omit<
    Config,
    "chains" | "engineRuntime" | "missedTriggers" | "burnedQueueTtlSecs" | "submitOrder" | "submitDelayMs"
  >;
  const submission = read(aggregator.key, aggregator.field);
  const chains = read("chains", decode.withDefault(decodeChainConfigs, new Map()));
  const config: Config = {
    ...values,
    data: expandHome(values.data, home),
    chains: chains === undefined ? [] : [...chains.values()],
    burnedQueueTtlSecs: submission?.burned_queue_ttl_secs,
    submitOrder: submission?.submit ?? "ranked",
    submitDelayMs: submission?.submit_delay_ms ?? DEFAULT_SUBMIT_DELAY_MS,
    engineRuntime: read(engine.key, engine.field)?.runtime ?? "direct",
    missedTriggers: read(triggers.key, triggers.field)?.missed ?? "fire_all",
  };
  for (const { path, reason } of endpointProblems(config.chains)) problems.push(`${path}: ${reason}`);
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
