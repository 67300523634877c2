import type { Context, LogLevel } from "@/context/mod.ts";
import type { ChainConfig } from "@/domain/chain_config.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import { type Handlers, type Link, openLink, type Remote, startWorker } from "@/link/mod.ts";
import { type FeedOptions, FeedWorker } from "./hypercore/feed_worker.ts";
import { TriggersRunner } from "./runner.ts";
import { netPermissionsOf } from "./supported.ts";
import type { TriggersApi, TriggersBoot, TriggersMain } from "./types.ts";

export { ChainAudit, deliveredHeight } from "./evm/audit.ts";
export { type Verdict, verdictsOn } from "./evm/verdicts.ts";
export { manualEvents, type ManualTrigger } from "./manual/manual.ts";
export { unsupportedTrigger } from "./supported.ts";
export type { MissedPolicy } from "./missed.ts";
export type {
  Cursor,
  DetectedEvent,
  FeedStream,
  RecordedBlock,
  RecordedRange,
  ServiceUriChange,
  SourceBatch,
  SourceHealth,
  SourceName,
  StreamInfo,
  TriggerIdentity,
  TriggersApi,
  TriggersBoot,
  TriggersMain,
} from "./types.ts";

export interface TriggersOptions extends TriggersBoot {
  readonly logLevel: LogLevel;
  /** The chains configured at this moment: their endpoints are all the worker may connect to. */
  readonly chains: () => readonly ChainConfig[];
  readonly registry: () => RegistrySnapshot;
  readonly feeds: FeedOptions;
}

export interface TriggersModules {
  readonly context: Context;
  readonly handlers: Handlers<TriggersMain>;
}

/** The triggers, wherever they run. */
export interface Triggers {
  readonly api: Remote<TriggersApi>;
  /** For endpoints that became known after the start; sources go on from their cursors. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the triggers in their workers: one for chains and the clock, and one for feeds once there are any. */
export async function startTriggers(options: TriggersOptions, modules: TriggersModules): Promise<Triggers> {
  const worker = await startWorker<TriggersApi, TriggersMain, TriggersBoot>({
    name: "triggers",
    entry: new URL("./worker.ts", import.meta.url),
    permissions: () => workerPermissions(netPermissionsOf(options.chains(), options.jetstream.endpoints)),
    logLevel: options.logLevel,
    boot: () => {
      const { registryChannel, missed, jetstream } = options;
      return { boot: { registryChannel, missed, jetstream } };
    },
  }, modules);
  const feeds = new FeedWorker(options, modules);
  const { remote } = worker;
  return {
    api: {
      settled: async (revision, callOptions) => {
        await Promise.all([remote.settled(revision, callOptions), feeds.settled(revision, callOptions)]);
      },
      health: async (_argument, callOptions) => [
        ...await remote.health(undefined, callOptions),
        ...await feeds.health(callOptions),
      ],
      streams: (_argument, callOptions) => remote.streams(undefined, callOptions),
      feeds: (_argument, callOptions) => feeds.streams(callOptions),
    },
    restart: () => worker.restart(),
    close: async () => {
      await feeds.close();
      worker.close();
    },
  };
}

/** The same without a worker, over the same link: for tests and debugging. */
export async function runTriggersInThread(options: TriggersBoot, modules: TriggersModules): Promise<Triggers> {
  let running = await openInThread(options, modules);
  return {
    // Calls reach whichever run is the current one.
    api: {
      settled: (revision, options) => running.api.settled(revision, options),
      health: (argument, options) => running.api.health(argument, options),
      streams: (argument, options) => running.api.streams(argument, options),
      feeds: (argument, options) => running.api.feeds(argument, options),
    },
    restart: async () => {
      await running.close();
      running = await openInThread(options, modules);
    },
    close: () => running.close(),
  };
}

async function openInThread(
  options: TriggersBoot,
  { context, handlers }: TriggersModules,
): Promise<Pick<Triggers, "api" | "close">> {
  const { port1, port2 } = new MessageChannel();
  const near = openLink<TriggersApi, TriggersMain>({ name: "main → triggers" }, { port: port1, handlers });
  const runner: TriggersRunner = new TriggersRunner(options, { context, main: () => far.remote });
  const far: Link<TriggersMain> = openLink<TriggersMain, TriggersApi>({ name: "triggers → main" }, {
    port: port2,
    handlers: runner.handlers,
  });
  await near.ready;
  await runner.start();
  const close = async () => {
    await runner[Symbol.asyncDispose]();
    near.close();
    far.close();
  };
  return { api: near.remote, close };
}

function workerPermissions(net: readonly string[]): Deno.PermissionOptionsObject {
  return {
    net: net.length === 0 ? false : [...net],
    env: false,
    ffi: false,
    import: false,
    read: false,
    run: false,
    sys: false,
    write: false,
  };
}
