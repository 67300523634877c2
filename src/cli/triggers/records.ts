import { type Config, loadConfig } from "@/config/mod.ts";
import { type Context, createContext, systemClock } from "@/context/mod.ts";
import {
  type ChainKey,
  type EvmChainConfig,
  parseChainKey,
  type ServiceId,
  type WatchedService,
  WavsError,
} from "@/domain/mod.ts";
import { Journal } from "@/journal/mod.ts";
import { watchedService } from "@/services/mod.ts";
import { openDatabaseToRead, ServiceTable } from "@/storage/mod.ts";
import { type CommandOptions, invalidOption } from "../command_options.ts";
import { createNodeLogging } from "../logging.ts";

/** The options every command has that looks at a node's records. */
export const RECORD_OPTIONS = {
  chain: { type: "string", value: "KEY", help: "Such as evm:1; default: the only one that is configured" },
  data: { type: "string", value: "DIR", help: "The data directory; default: the one wavs.toml names" },
  home: { type: "string", value: "DIR", help: "Where wavs.toml is" },
  json: { type: "boolean", help: "Print JSON" },
} as const satisfies CommandOptions;

/** What a node has on disk, for reading, and its configuration. */
export interface NodeRecords extends Disposable {
  readonly config: Config;
  readonly context: Context;
  readonly journal: Journal;
  readonly services: readonly WatchedService[];
  /** Milliseconds since the epoch. */
  registeredAtMs(serviceId: ServiceId): number;
}

/** @throws WavsError `database_unusable`, and what a configuration is refused with */
export function openRecords(
  { data, home }: { readonly data: string | undefined; readonly home: string | undefined },
): NodeRecords {
  const flags = Object.entries({ data, home }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value]
  );
  const { config } = loadConfig({ args: flags });
  const { log } = createNodeLogging({ ...config, logLevel: ["warn"] }, "pretty");
  const database = openDatabaseToRead(`${config.data}/wavs.sqlite`);
  const services = new ServiceTable(database);
  return {
    config,
    context: createContext({ log, signal: new AbortController().signal }),
    journal: new Journal({ database, clock: systemClock }),
    services: services.list().map(watchedService),
    registeredAtMs: (serviceId) => services.registeredAtMs(serviceId) ?? 0,
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

/**
 * The chain that is meant, which must be an EVM chain the node is configured for.
 *
 * @throws WavsError `option_invalid`
 */
export function chainOf({ chains }: Config, key: string | undefined): EvmChainConfig {
  const known = chains.filter((chain) => chain.kind === "evm");
  const names = known.map((chain) => `"${chain.key}"`).join(", ") || "none";
  if (key === undefined) {
    const [only, another] = known;
    if (only !== undefined && another === undefined) return only;
    throw new WavsError("option_invalid", {
      message: `Several chains could be meant; name one with --chain, of those configured: ${names}`,
      retryable: false,
    });
  }
  const wanted = parseKey(key);
  const found = known.find((chain) => chain.key === wanted);
  if (found === undefined) throw invalidOption("--chain", key, `an EVM chain that is configured: ${names}`);
  return found;
}

function parseKey(text: string): ChainKey {
  try {
    return parseChainKey(text);
  } catch (cause) {
    if (!(cause instanceof WavsError)) throw cause;
    throw invalidOption("--chain", text, "a chain key such as evm:1");
  }
}

/** How a workflow is called in what is printed. */
export function workflowLabel(workflow: { readonly serviceId: string; readonly workflowId: string }): string {
  return `${workflow.serviceId.slice(0, 12)}…/${workflow.workflowId}`;
}
