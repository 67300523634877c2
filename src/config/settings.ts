import { decode, WavsError } from "@/domain/mod.ts";
import {
  DEFAULT_IPFS_GATEWAY,
  DEFAULT_MAX_EXECUTION_SECONDS,
  DEFAULT_MAX_WASM_FUEL,
  DEFAULT_SUBMIT_DELAY_MS,
  MAX_SUBMIT_DELAY_MS,
  WASM_LRU_SIZE_FOR_ZERO,
} from "./limits.ts";
import { decodeP2p, P2P_TABLES } from "./p2p.ts";

/** One key of the configuration: the single place that parsing, help and `/config` are made from. */
export interface Setting {
  readonly key: string;
  readonly field: decode.OptionalField<unknown>;
  /** Whether a flag `--key` and a variable `WAVS_KEY` set it too. */
  readonly flag: boolean;
  /** Never shown. */
  readonly secret?: true;
  /** Comma-separated in an environment variable, repeated as a flag. */
  readonly list?: true;
  /** The keys of a table. */
  readonly members?: readonly string[];
  /** Of those, the ones that are tables, with their keys. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  readonly help: string;
}

const optionalString = decode.optional(decode.string);
const strings = decode.withDefault(decode.array(decode.string), []);
const port = decode.mapped(decode.integer(0n, 65_535n), Number);
const submitDelay = decode.mapped(decode.integer(1n, MAX_SUBMIT_DELAY_MS), Number);
const lruSize = decode.mapped(decode.u32, (size) => size === 0 ? WASM_LRU_SIZE_FOR_ZERO : size);
const memoryMb = decode.mapped(decode.integer(1n, 1n << 20n), Number);
const gatewayUrl = checked(
  'an http:// or https:// URL that ends with "/"',
  (text) => /^https?:\/\/.*\/$/.test(text) && URL.canParse(text),
);
const bootstrapAddresses = decode.mapped(
  checked('addresses such as "203.0.113.7:49737", by commas', (text) => bootstrapList(text).every(isHostAndPort)),
  bootstrapList,
);

const webSocketUrls = decode.mapped(
  checked(
    "ws:// or wss:// URLs, separated by commas",
    (text) => text.split(",").every((url) => /^wss?:\/\/[^/]/.test(url.trim()) && URL.canParse(url.trim())),
  ),
  (text): readonly string[] => text.split(",").map((url) => url.trim()),
);

/** Every key of `[wavs]` and `[default]` but `chains` (spec/wire.md 6.4); the last six are this node's own. */
export const SETTINGS = {
  port: setting("port", decode.withDefault(port, 8000), "Port of the HTTP API; 0 takes a free one (8000)"),
  host: setting("host", decode.withDefault(decode.string, "127.0.0.1"), "Address of the HTTP API (127.0.0.1)"),
  logLevel: list(
    "log_level",
    decode.withDefault(decode.array(decode.string), ["info"]),
    "Log filter, such as info or triggers=debug (info)",
  ),
  data: setting("data", decode.withDefault(decode.string, "/var/wavs"), "Data directory (/var/wavs)"),
  corsAllowedOrigins: list("cors_allowed_origins", strings, "Origins a browser may call from, with * and ? (none)"),
  wasmLruSize: setting("wasm_lru_size", decode.withDefault(lruSize, 20), "Components each worker keeps ready (20)"),
  signingMnemonic: secret("signing_mnemonic", "Mnemonic of the operator's signing keys; required"),
  aggregatorCosmosCredential: secret("aggregator_cosmos_credential", "Mnemonic that pays for Cosmos transactions"),
  aggregatorEvmCredential: secret(
    "aggregator_evm_credential",
    "Mnemonic or 0x private key that pays for EVM transactions",
  ),
  maxWasmFuel: setting(
    "max_wasm_fuel",
    decode.withDefault(decode.u64, DEFAULT_MAX_WASM_FUEL),
    "Most fuel an execution may burn (10^11)",
  ),
  maxExecutionSeconds: setting(
    "max_execution_seconds",
    decode.withDefault(decode.u64, DEFAULT_MAX_EXECUTION_SECONDS),
    "Most seconds an execution may take (30)",
  ),
  ipfsGateway: setting(
    "ipfs_gateway",
    decode.withDefault(gatewayUrl, DEFAULT_IPFS_GATEWAY),
    "Gateway for ipfs:// URIs",
  ),
  hyperswarmBootstrap: setting(
    "hyperswarm_bootstrap",
    decode.withDefault(bootstrapAddresses, []),
    "host:port of the DHT that feeds are found through (public)",
  ),
  bearerToken: secret("bearer_token", "Token that every changing request and /dev must carry"),
  devEndpointsEnabled: setting("dev_endpoints_enabled", decode.withDefault(decode.bool, false), "Serve /dev/… (false)"),
  maxBodySizeMb: setting("max_body_size_mb", decode.withDefault(decode.u32, 15), "Largest request body in MiB (15)"),
  healthCheckMode: {
    ...setting(
      "health_check_mode",
      decode.withDefault(decode.oneOf("bypass", "wait", "exit"), "wait"),
      "bypass, wait or exit",
    ),
    flag: false,
  },
  aggregator: {
    ...setting(
      "aggregator",
      decode.optional(
        decode.object({
          burned_queue_ttl_secs: decode.optional(decode.u64),
          submit: decode.withDefault(decode.oneOf("ranked", "always"), "ranked"),
          submit_delay_ms: decode.withDefault(submitDelay, DEFAULT_SUBMIT_DELAY_MS),
        }),
      ),
      "",
    ),
    flag: false,
    members: ["burned_queue_ttl_secs", "submit", "submit_delay_ms"],
  },
  engine: {
    ...setting(
      "engine",
      decode.optional(decode.object({ runtime: decode.withDefault(decode.oneOf("direct", "jco"), "direct") })),
      "",
    ),
    flag: false,
    members: ["runtime"],
  },
  triggers: {
    ...setting(
      "triggers",
      decode.optional(
        decode.object({ missed: decode.withDefault(decode.oneOf("fire_all", "fire_last", "skip"), "fire_all") }),
      ),
      "",
    ),
    flag: false,
    members: ["missed"],
  },
  p2p: {
    ...setting(
      "p2p",
      decode.withDefault(decodeP2p, undefined),
      "Other operators: disabled, {local={listen_port=N}}, {remote={…}} (disabled)",
    ),
    members: Object.keys(P2P_TABLES),
    tables: P2P_TABLES,
  },
  jetstreamEndpoints: setting(
    "jetstream_endpoint",
    decode.withDefault(webSocketUrls, ["wss://jetstream1.us-east.bsky.network/subscribe"]),
    "Servers for at_proto_event triggers, in the order they are tried (a public one)",
  ),
  jetstreamMaxMessageBytes: setting(
    "jetstream_max_message_size",
    decode.withDefault(decode.u32, 1_048_576),
    "Bytes of the longest event they may send, 0 for any (1048576)",
  ),
  maxComponentMemoryMb: setting(
    "max_component_memory_mb",
    decode.withDefault(decode.u32, 128),
    "Most memory of an execution in MiB (128)",
  ),
  maxGuestMemoryMb: setting(
    "max_guest_memory_mb",
    decode.optional(memoryMb),
    "Most memory of all executions at once in MiB; more of them wait (half of the machine's)",
  ),
  allowPrivateNetworks: setting(
    "allow_private_networks",
    decode.withDefault(decode.bool, false),
    "Let components and service URIs reach private addresses (false)",
  ),
  durability: setting(
    "durability",
    decode.withDefault(decode.oneOf("process", "power"), "process"),
    "What stored data survives: a crash of the process, or of power too",
  ),
} as const satisfies Record<string, Setting>;

const NO_TELEMETRY = "this node exports no telemetry";

/** Keys of other implementations that this node takes without using them, and why. */
export const UNUSED_KEYS: ReadonlyMap<string, string> = new Map([
  ["disable_submission_networking", "it is for tests of the reference"],
  ["disable_trigger_networking", "it is for tests of the reference"],
  ["jaeger", NO_TELEMETRY],
  ["prometheus", NO_TELEMETRY],
  ["prometheus_push_interval_secs", NO_TELEMETRY],
  ["submission_poll_interval_ms", "nothing is polled"],
  ["wasm_threads", "there is a worker per core"],
]);

/** The keys whose values are never shown. */
export const SECRET_SETTINGS: readonly Setting[] = Object.values(SETTINGS).filter((entry: Setting) => entry.secret);

/** Every key, with one `…_file` beside each secret: the path of a file that holds it. */
export const SETTING_LIST: readonly Setting[] = [
  ...Object.values(SETTINGS),
  ...SECRET_SETTINGS.map(({ key }) => setting(fileKeyOf(key), optionalString, `File that holds ${key}`)),
];

export function fileKeyOf(secretKey: string): string {
  return `${secretKey}_file`;
}

export function flagOf(setting: Setting): string {
  return `--${setting.key.replaceAll("_", "-")}`;
}

export function variableOf(setting: Setting): string {
  return `WAVS_${setting.key.toUpperCase()}`;
}

/** The flags of `wavs run`, for completion. */
export function runFlags(): readonly string[] {
  return ["--home", "--dotenv", ...SETTING_LIST.filter(({ flag }) => flag).map(flagOf)];
}

/** The flags, one per line, for `--help`. */
export function helpText(): string {
  const rows = [
    ["--home", "Directory of wavs.toml"],
    ["--dotenv", "File of environment variables (./.env)"],
    ...SETTING_LIST.filter(({ flag }) => flag).map((entry) => [flagOf(entry), entry.help]),
  ];
  const width = Math.max(...rows.map(([flag = ""]) => flag.length)) + 2;
  return [
    ...rows.map(([flag = "", help]) => `  ${flag.padEnd(width)}${help}`),
    "",
    "Every flag takes a value and has a variable: --max-body-size-mb is WAVS_MAX_BODY_SIZE_MB.",
    "Give secrets in variables, or in files that only this user can read, not as flags.",
    "",
  ].join("\n");
}

function setting<Value>(key: string, field: decode.OptionalField<Value>, help: string) {
  return { key, field, flag: true, help } as const;
}

function list<Value>(key: string, field: decode.OptionalField<Value>, help: string) {
  return { key, field, flag: true, list: true, help } as const;
}

function secret(key: string, help: string) {
  return { key, field: optionalString, flag: true, secret: true, help } as const;
}

function checked(expected: string, isValid: (text: string) => boolean): decode.Decoder<string> {
  return decode.parsed((text) => {
    if (isValid(text)) return text;
    throw new WavsError("invalid_value", { message: `Expected ${expected}`, retryable: false, meta: { expected } });
  });
}

function bootstrapList(text: string): readonly string[] {
  return text.split(",").map((address) => address.trim()).filter((address) => address !== "");
}

function isHostAndPort(address: string): boolean {
  const port = /^[\w.-]+:(\d{1,5})$/.exec(address)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
