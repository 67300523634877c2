import { type CommandOptions, invalidOption, parseCommand, type ParsedOptions } from "../command_options.ts";
import {
  type AllowedHosts,
  type ChainConfig,
  chainIdPart,
  chainNamespace,
  hexToBytes,
  parseChainKey,
  type Permissions,
  REFERENCE_READING,
  type TxResult,
  WavsError,
} from "@/domain/mod.ts";
import type { Invocation } from "@/engine/mod.ts";

/** The options of `wavs exec` (spec/wire.md 7.2). */
export const EXEC_OPTIONS = {
  component: { type: "string", value: "FILE", help: "The component, instead of naming it first" },
  input: { type: "string", value: "DATA", help: "Raw trigger data: text, 0x… (hex) or @FILE; aggregators: see below" },
  "simulates-trigger": { type: "string", value: "JSON", help: "Trigger data of any kind, as JSON or @FILE" },
  trigger: { type: "string", value: "JSON", help: "The workflow's trigger; default: one that fits the data" },
  config: { type: "string", value: "KEY=VALUE", multiple: true, help: "A configuration value; repeat for more" },
  "env-key": {
    type: "string",
    value: "NAME",
    multiple: true,
    help: "A WAVS_ENV… variable it may see; repeat for more",
  },
  "allow-http": {
    type: "string",
    value: "HOST",
    multiple: true,
    help: "A host it may ask, * for all; repeat for more",
  },
  "allow-files": { type: "boolean", help: "Give it a directory" },
  "allow-sockets": { type: "boolean", help: "Let it open TCP and UDP sockets" },
  "allow-dns": { type: "boolean", help: "Let it look names up" },
  "allow-all": { type: "boolean", help: "All of the above four, to any host" },
  "allow-private-networks": { type: "boolean", help: "Let it reach loopback and private addresses" },
  "fuel-limit": { type: "string", value: "UNITS", help: "Most fuel it may burn (10^11)" },
  "time-limit": { type: "string", value: "SECONDS", help: "Most time it may take (30)" },
  "memory-limit": { type: "string", value: "MIB", help: "Most memory it may use (128)" },
  chain: { type: "string", value: "KEY[=URL]", multiple: true, help: "An EVM chain it may ask about; repeat for more" },
  home: { type: "string", value: "DIR", help: "Take the chains of the wavs.toml there" },
  data: { type: "string", value: "DIR", help: "Keep key-values and files there; default: forget them" },
  call: { type: "string", value: "EXPORT", help: "Of an aggregator: process-input (default) or one of the callbacks" },
  "tx-hash": { type: "string", value: "0x…", help: "What handle-submit-callback hears: it landed" },
  "tx-error": { type: "string", value: "TEXT", help: "What handle-submit-callback hears: it failed" },
  calls: { type: "boolean", help: "Also tell which functions of the node it called" },
  json: { type: "boolean", help: "Print one line of JSON" },
  output: { type: "string", value: "FILE", help: "Also write the responses or actions there, as JSON" },
} as const satisfies CommandOptions;

/** What to execute and how, checked. */
export interface ExecOptions {
  readonly componentPath: string;
  readonly input: string | undefined;
  readonly simulatedTrigger: string | undefined;
  readonly trigger: string | undefined;
  readonly config: ReadonlyMap<string, string>;
  readonly envKeys: readonly string[];
  readonly permissions: Permissions;
  readonly allowPrivateNetworks: boolean;
  readonly fuelLimit: bigint | undefined;
  readonly timeLimitSeconds: bigint | undefined;
  readonly memoryLimitMb: number | undefined;
  readonly chains: readonly ChainConfig[];
  readonly home: string | undefined;
  readonly data: string | undefined;
  readonly call: AggregatorCall;
  readonly txResult: TxResult;
  /** Whether the report names the imported functions that were called. */
  readonly calls: boolean;
  readonly json: boolean;
  readonly output: string | undefined;
}

export type AggregatorCall = Exclude<Invocation["kind"], "run">;

/** @throws WavsError `option_invalid`, `unknown_option`, `option_missing` */
export function parseExecOptions(args: readonly string[]): ExecOptions {
  const { options, positionals } = parseCommand("exec", EXEC_OPTIONS, args);
  return {
    componentPath: onlyPath([...positionals, ...(options.component === undefined ? [] : [options.component])]),
    input: options.input,
    simulatedTrigger: options["simulates-trigger"],
    trigger: options.trigger,
    config: new Map(options.config.map(parseConfigValue)),
    envKeys: options["env-key"].map(parseEnvKey),
    permissions: permissionsOf(options),
    allowPrivateNetworks: options["allow-private-networks"],
    fuelLimit: parseCount("--fuel-limit", options["fuel-limit"], MAX_U64),
    timeLimitSeconds: parseCount("--time-limit", options["time-limit"], MAX_SECONDS),
    memoryLimitMb: numberOf(parseCount("--memory-limit", options["memory-limit"], MAX_MEMORY_MB)),
    chains: options.chain.map(parseChain),
    home: options.home,
    data: options.data,
    call: parseCall(options.call),
    txResult: txResultOf(options),
    calls: options.calls,
    json: options.json,
    output: options.output,
  };
}

const MAX_U64 = 2n ** 64n - 1n;
/** Timers count milliseconds in 31 bits. */
const MAX_SECONDS = 2_000_000n;
/** What 32-bit memories can address. */
const MAX_MEMORY_MB = 4096n;

function onlyPath(paths: readonly string[]): string {
  const [path, ...others] = paths;
  if (path !== undefined && others.length === 0) return path;
  throw new WavsError("option_missing", {
    message: path === undefined
      ? "There is no component to execute; name its file, as in wavs exec square.wasm --input '{\"x\":5}'"
      : `Cannot execute both "${path}" and "${others[0]}"; name one component`,
    retryable: false,
  });
}

function parseConfigValue(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals <= 0) throw invalidOption("--config", text, "KEY=VALUE");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function parseEnvKey(name: string): string {
  if (!name.startsWith("WAVS_ENV")) throw invalidOption("--env-key", name, "a name that begins with WAVS_ENV");
  return name;
}

function permissionsOf(options: ParsedOptions<typeof EXEC_OPTIONS>): Permissions {
  const all = options["allow-all"];
  return {
    allowedHttpHosts: all ? { kind: "all" } : allowedHosts(options["allow-http"]),
    fileSystem: all || options["allow-files"],
    rawSockets: all || options["allow-sockets"],
    dnsResolution: all || options["allow-dns"],
  };
}

function allowedHosts(hosts: readonly string[]): AllowedHosts {
  if (hosts.length === 0) return { kind: "none" };
  return hosts.includes("*") ? { kind: "all" } : { kind: "only", hosts };
}

function parseCount(flag: string, text: string | undefined, max: bigint): bigint | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  if (count === 0n || count > max) throw invalidOption(flag, text, `a whole number from 1 to ${max}`);
  return count;
}

function numberOf(count: bigint | undefined): number | undefined {
  return count === undefined ? undefined : Number(count);
}

function parseChain(text: string): ChainConfig {
  const equals = text.indexOf("=");
  const key = parseChainKey(equals < 0 ? text : text.slice(0, equals));
  const url = equals < 0 ? undefined : text.slice(equals + 1);
  if (chainNamespace(key) !== "evm" || (url !== undefined && !/^(?:https?|wss?):/.test(url))) {
    throw invalidOption("--chain", text, "evm:ID or evm:ID=URL; other chains are taken from a wavs.toml with --home");
  }
  const isSocket = url?.startsWith("ws") === true;
  return {
    kind: "evm",
    key,
    chainId: chainIdPart(key),
    wsEndpoints: isSocket ? [url] : [],
    httpEndpoint: isSocket ? undefined : url,
    faucetEndpoint: undefined,
    wsPriorityEndpointIndex: undefined,
    reading: REFERENCE_READING,
  };
}

function parseCall(text = "process-input"): AggregatorCall {
  switch (text) {
    case "process-input":
    case "handle-timer-callback":
    case "handle-submit-callback":
      return text;
    default:
      throw invalidOption("--call", text, "process-input, handle-timer-callback or handle-submit-callback");
  }
}

function txResultOf(options: ParsedOptions<typeof EXEC_OPTIONS>): TxResult {
  const reason = options["tx-error"];
  const hash = options["tx-hash"] ?? `0x${"00".repeat(32)}`;
  return reason === undefined ? { kind: "evm", txHash: hexToBytes(hash) } : { kind: "failed", reason };
}
