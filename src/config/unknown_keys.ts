import { isJsonObject, type JsonValue } from "@/domain/mod.ts";
import type { ConfigFile } from "./file.ts";
import { nearest } from "./nearest.ts";
import { SETTING_LIST, UNUSED_KEYS, variableOf } from "./settings.ts";
import type { ConfigNote, RawSettings } from "./types.ts";

/** Sections that are somebody's; `global` is one of the reference that always wins there and is not documented. */
const SECTIONS = ["default", "wavs", "cli"];

/** Variables that are read elsewhere (spec/wire.md 6.2, 6.3). */
const OTHER_VARIABLES = ["WAVS_HOME", "WAVS_DOTENV"];
const OTHER_VARIABLE_PREFIXES = ["WAVS_ENV_", "WAVS_CLI_"];

const EVM_KEYS = [
  "ws_endpoints",
  "http_endpoint",
  "faucet_endpoint",
  "ws_priority_endpoint_index",
  "confirmations",
  "event_timestamp",
  "rpc_quorum",
];
const COSMOS_KEYS = ["bech32_prefix", "rpc_endpoint", "grpc_endpoint", "gas_price", "gas_denom", "faucet_endpoint"];
const DEV_KEYS = ["type", "chain_id", ...new Set([...EVM_KEYS, ...COSMOS_KEYS])];
/** Still in sample files, ignored everywhere (spec/wire.md 6.5). */
const STALE_CHAIN_KEYS = ["poll_interval_ms", "event_channel_size"];

/** What stands in a file without any effect; each note names what was probably meant. */
export function fileNotes({ path, sections, strays }: ConfigFile): readonly ConfigNote[] {
  const warn = (message: string): ConfigNote => ({ level: "warn", message: `"${path}" ${message}` });
  const outside = strays.map((key) => warn(`sets "${key}" outside of a section; put it below [wavs]`));
  const foreign = [...sections.keys()].filter((name) => !SECTIONS.includes(name)).map((name) =>
    warn(`has a section [${name}], which is not read${suggestion(name, SECTIONS)}`)
  );
  const keys = ["default", "wavs"].flatMap((name) => sectionNotes(name, sections.get(name) ?? new Map(), warn));
  return [...outside, ...foreign, ...keys];
}

function sectionNotes(
  section: string,
  settings: RawSettings,
  warn: (message: string) => ConfigNote,
): readonly ConfigNote[] {
  const known = [...SETTING_LIST.map(({ key }) => key), "chains"];
  const notes = [...settings].flatMap(([key, value]) => {
    const why = UNUSED_KEYS.get(key);
    if (why !== undefined) return value === "disabled" ? [] : [warn(`sets "${key}", which has no effect: ${why}`)];
    if (!known.includes(key)) return [unknown(key, known)];
    const { members, tables = {} } = SETTING_LIST.find((setting) => setting.key === key) ?? {};
    if (members === undefined) return [];
    const inner = Object.entries(tables).flatMap(([name, keys]) =>
      unknownMembers(`${key}.${name}`, isJsonObject(value) ? value.get(name) : undefined, keys)
    );
    return [...unknownMembers(key, value, members), ...inner];
  });
  return [...notes, ...chainNotes(settings.get("chains"))];

  function unknown(key: string, candidates: readonly string[], prefix = ""): ConfigNote {
    return warn(
      `sets "${prefix}${key}" in [${section}], which this node does not know${suggestion(key, candidates)}`,
    );
  }

  function unknownMembers(path: string, value: JsonValue | undefined, candidates: readonly string[]): ConfigNote[] {
    if (value === undefined || !isJsonObject(value)) return [];
    return [...value.keys()].filter((key) => !candidates.includes(key) && !STALE_CHAIN_KEYS.includes(key))
      .map((key) => unknown(key, candidates, `${path}.`));
  }

  function chainNotes(chains: JsonValue | undefined): ConfigNote[] {
    if (chains === undefined || !isJsonObject(chains)) return [];
    const tables: Readonly<Record<string, readonly string[]>> = { evm: EVM_KEYS, cosmos: COSMOS_KEYS, dev: DEV_KEYS };
    return [...chains].flatMap(([family, table]) => {
      const candidates = tables[family];
      if (candidates === undefined) return [unknown(family, Object.keys(tables), "chains.")];
      if (!isJsonObject(table)) return [];
      return [...table].flatMap(([id, chain]) => unknownMembers(`chains.${family}.${id}`, chain, candidates));
    });
  }
}

/** Variables that look like settings and are none. */
export function variableNotes(names: Iterable<string>): readonly ConfigNote[] {
  const known = SETTING_LIST.filter(({ flag }) => flag).map(variableOf);
  const isForeign = (name: string) =>
    name.startsWith("WAVS_") && !known.includes(name) && !OTHER_VARIABLES.includes(name) &&
    !OTHER_VARIABLE_PREFIXES.some((prefix) => name.startsWith(prefix)) &&
    !UNUSED_KEYS.has(name.slice("WAVS_".length).toLowerCase());
  return [...new Set(names)].filter(isForeign).sort().map((name) => ({
    level: "warn",
    message: `The variable ${name} is set, which this node does not know${suggestion(name, known)}`,
  }));
}

function suggestion(word: string, known: readonly string[]): string {
  const guess = nearest(word, known);
  return guess === undefined ? "" : `; did you mean "${guess}"?`;
}
