import { backoffMs, type Context, type LogLevel } from "@/context/mod.ts";
import { serializeError } from "@/domain/errors.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import { type CallOptions, type Handlers, startWorker, type SupervisedWorker } from "@/link/mod.ts";
import { SOURCE_RETRY_BACKOFF } from "../limits.ts";
import type { FeedStream, SourceHealth, TriggersApi, TriggersBoot, TriggersMain } from "../types.ts";
import { watchedFeeds } from "./watched.ts";

export interface FeedOptions {
  /** Where the feeds' files are: all the worker may read and write. */
  readonly directory: string;
  /** `host:port` of nodes of the DHT to begin with; the public ones when empty. */
  readonly bootstrap: readonly string[];
  /** Whether peers may be at addresses outside of the public internet. */
  readonly allowPrivateNetworks: boolean;
}

/** What the worker of feeds is started with. */
export interface FeedBoot extends TriggersBoot {
  readonly feeds: FeedOptions;
}

export interface FeedWorkerOptions extends FeedBoot {
  readonly logLevel: LogLevel;
  /** What is registered at this moment. */
  readonly registry: () => RegistrySnapshot;
}

export interface FeedWorkerModules {
  readonly context: Context;
  readonly handlers: Handlers<TriggersMain>;
}

type Running = SupervisedWorker<TriggersApi>;

/**
 * The worker of feeds: started when a workflow watches the first one, and kept running from then on.
 *
 * Feeds are apart from the chains because their peers are at addresses nobody knows beforehand, so their worker may
 * connect to any; and because the libraries they need are older than everything else here: what breaks in them ends this
 * worker and no other.
 */
export class FeedWorker {
  readonly #options: FeedWorkerOptions;
  readonly #modules: FeedWorkerModules;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  #running: Running | undefined;
  #starting: Promise<Running | undefined> | undefined;

  constructor(options: FeedWorkerOptions, modules: FeedWorkerModules) {
    this.#options = options;
    this.#modules = modules;
    this.#signal = AbortSignal.any([modules.context.signal, this.#closing.signal]);
    this.#channel = new BroadcastChannel(options.registryChannel);
    this.#channel.onmessage = ({ data }: MessageEvent<RegistrySnapshot>) => void this.#startFor(data);
    // What is registered already is announced no more.
    void this.#startFor(options.registry());
  }

  /** Resolves once every feed's source acts on this revision of the registry or a later one. */
  async settled(revision: number, options?: CallOptions): Promise<void> {
    const worker = await this.#startFor(this.#options.registry());
    await worker?.remote.settled(revision, options);
  }

  async health(options?: CallOptions): Promise<readonly SourceHealth[]> {
    return await this.#running?.remote.health(undefined, options) ?? [];
  }

  async streams(options?: CallOptions): Promise<readonly FeedStream[]> {
    return await this.#running?.remote.feeds(undefined, options) ?? [];
  }

  async close(): Promise<void> {
    this.#channel.close();
    this.#closing.abort();
    await this.#starting;
    this.#running?.close();
  }

  #startFor(registry: RegistrySnapshot): Promise<Running | undefined> {
    if (this.#starting === undefined && watchedFeeds(registry).size > 0) this.#starting = this.#start();
    return this.#starting ?? Promise.resolve(undefined);
  }

  /** Tries until it runs, since what is watched is watched; `undefined` when the node shuts down before. */
  async #start(): Promise<Running | undefined> {
    const { clock, log, random } = this.#modules.context;
    for (let attempt = 1; !this.#signal.aborted; attempt++) {
      try {
        this.#running = await this.#startOnce();
        return this.#running;
      } catch (error) {
        log.error("The worker of feeds does not start", { cause: serializeError(error) });
        await clock.sleep(backoffMs(SOURCE_RETRY_BACKOFF, attempt, random), this.#signal);
      }
    }
    return undefined;
  }

  async #startOnce(): Promise<Running> {
    const { registryChannel, missed, jetstream, feeds, logLevel } = this.#options;
    await Deno.mkdir(feeds.directory, { recursive: true });
    return await startWorker<TriggersApi, TriggersMain, FeedBoot>({
      name: "feeds",
      entry: new URL("./worker.ts", import.meta.url),
      permissions: () => permissionsOf(feeds),
      logLevel,
      boot: () => ({ boot: { registryChannel, missed, jetstream, feeds } }),
    }, this.#modules);
  }
}

function permissionsOf({ directory }: FeedOptions): Deno.PermissionOptionsObject {
  return {
    // Peers are wherever the DHT says they are; which of those may be spoken to is decided by `Discovery`.
    net: true,
    read: [directory],
    write: [directory],
    env: false,
    ffi: false,
    import: false,
    run: false,
    sys: false,
  };
}
