import { type JsonValue, WavsError } from "@/domain/mod.ts";
import { parseEnvList, parseEnvValue } from "./env_value.ts";
import { flagOf, type Setting, SETTING_LIST, variableOf } from "./settings.ts";
import { nearest } from "./nearest.ts";
import type { RawSettings } from "./types.ts";

export interface ParsedFlags {
  readonly home: string | undefined;
  readonly dotenv: string | undefined;
  readonly settings: RawSettings;
}

/** @throws WavsError `unknown_option`, `option_without_value` */
export function parseFlags(args: readonly string[]): ParsedFlags {
  const byFlag = new Map(SETTING_LIST.filter((setting) => setting.flag).map((setting) => [flagOf(setting), setting]));
  const settings = new Map<string, JsonValue>();
  const own = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    const equals = argument.indexOf("=");
    const flag = equals < 0 ? argument : argument.slice(0, equals);
    const setting = byFlag.get(flag);
    if (setting === undefined && flag !== "--home" && flag !== "--dotenv") throw unknownFlag(flag, [...byFlag.keys()]);
    const value = equals < 0 ? args[++index] : argument.slice(equals + 1);
    if (value === undefined) {
      throw new WavsError("option_without_value", { message: `The option "${flag}" needs a value`, retryable: false });
    }
    if (setting === undefined) own.set(flag, value);
    else settings.set(setting.key, addValue(setting, settings.get(setting.key), value));
  }
  return { home: own.get("--home"), dotenv: own.get("--dotenv"), settings };
}

/** The settings of `WAVS_…` variables; an empty variable sets nothing. */
export function readVariables(readEnv: (name: string) => string | undefined): RawSettings {
  const settings = new Map<string, JsonValue>();
  for (const setting of SETTING_LIST) {
    const value = setting.flag ? readEnv(variableOf(setting)) : undefined;
    if (value === undefined || value === "") continue;
    settings.set(setting.key, setting.list === true ? parseEnvList(value) : parseOne(setting, value));
  }
  return settings;
}

function addValue(setting: Setting, earlier: JsonValue | undefined, value: string): JsonValue {
  if (setting.list !== true) return parseOne(setting, value);
  return [...(Array.isArray(earlier) ? earlier : []), value];
}

/** A secret is text whatever it looks like: a token of digits must not become a number. */
function parseOne(setting: Setting, value: string): JsonValue {
  if (setting.secret !== true) return parseEnvValue(value);
  const parsed = parseEnvValue(value);
  return typeof parsed === "string" ? parsed : value.trim();
}

function unknownFlag(flag: string, known: readonly string[]): WavsError {
  const guess = nearest(flag, [...known, "--home", "--dotenv"]);
  return new WavsError("unknown_option", {
    message: `There is no option "${flag}"${guess === undefined ? "" : `; did you mean "${guess}"?`} See wavs --help`,
    retryable: false,
  });
}
