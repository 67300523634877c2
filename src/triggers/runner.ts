import { backoffMs, type Context } from "@/context/mod.ts";
import {
  type ChainConfig,
  type ChainKey,
  describeError,
  type RegistrySnapshot,
  serializeError,
  WavsError,
} from "@/domain/mod.ts";
import type { CallOptions, Handlers, Remote } from "@/link/mod.ts";
import { createCronSource, CRON_SOURCE } from "./cron/cron_source.ts";
import { createEvmSource, type EvmSource } from "./evm/evm_source.ts";
import { MAX_RECORDED_BLOCKS } from "./evm/limits.ts";
import { createJetstreamSource, JETSTREAM_SOURCE } from "./jetstream/jetstream_source.ts";
import type { JetstreamOptions } from "./jetstream/options.ts";
import type { FeedKey } from "./hypercore/feed_key.ts";
import type { HypercoreSource } from "./hypercore/hypercore_source.ts";
import { feedSourceName, watchedFeeds } from "./hypercore/watched.ts";
import { SOURCE_RETRY_BACKOFF } from "./limits.ts";
import type { MissedPolicy } from "./missed.ts";
import { watchedChains, watches } from "./supported.ts";
import type { SourceHealth, SourceName, TriggersApi, TriggersBoot, TriggersMain, TriggerSource } from "./types.ts";

export interface RunnerModules {
  readonly context: Context;
  readonly main: () => Remote<TriggersMain>;
  /** Makes the source of a feed. A runner that is given it runs feeds and nothing else: they have a worker of their own. */
  readonly newFeed?: (feedKey: FeedKey) => HypercoreSource;
}

interface RunningSource {
  readonly source: TriggerSource;
  readonly done: Promise<void>;
}

/**
 * Runs a source for every chain that something is watched on, one for the clock and one for repositories, as the
 * registry says, and hands over what they find.
 *
 * A source once started goes on, even when nothing is left to watch: the cursor stays current, so that a service that
 * comes later is not given events from before its time.
 */
export class TriggersRunner implements AsyncDisposable {
  readonly handlers: Handlers<TriggersApi>;
  readonly #context: Context;
  readonly #main: () => Remote<TriggersMain>;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #missed: MissedPolicy;
  readonly #jetstream: JetstreamOptions;
  readonly #sources = new Map<SourceName, RunningSource>();
  /** Of the sources, those that can show their subscriptions. */
  readonly #chains = new Map<ChainKey, EvmSource>();
  readonly #feeds: HypercoreSource[] = [];
  readonly #newFeed: RunnerModules["newFeed"];
  /** Chains that cannot be followed as they are configured. */
  readonly #unusable = new Map<ChainKey, WavsError>();
  #revision = -1;
  #settled: Promise<unknown> = Promise.resolve();

  constructor({ registryChannel, missed, jetstream }: TriggersBoot, { context, main, newFeed }: RunnerModules) {
    this.#missed = missed;
    this.#jetstream = jetstream;
    this.#channel = new BroadcastChannel(registryChannel);
    this.#context = context;
    this.#main = main;
    this.#newFeed = newFeed;
    this.#signal = AbortSignal.any([context.signal, this.#closing.signal]);
    this.#channel.onmessage = ({ data }: MessageEvent<RegistrySnapshot>) => this.#apply(data);
    this.handlers = {
      settled: (revision) => this.#settle(revision),
      health: () => this.#health(),
      streams: () => [...this.#chains.values()].map((source) => source.stream()),
      feeds: () => this.#feeds.flatMap((source) => source.streams()),
    };
  }

  /** Takes over the registry as main has it now; what changes later is announced. */
  async start(): Promise<void> {
    const registry = await this.#insist(
      "Registry not read yet",
      (options) => this.#main().registry(undefined, options),
    );
    if (registry !== undefined) this.#apply(registry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel.close();
    this.#closing.abort();
    await Promise.all([...this.#sources.values()].map(({ done }) => done));
  }

  /** Announcements may be lost while the worker starts, so whoever waits for one that did not come has it fetched. */
  async #settle(revision: number): Promise<void> {
    if (this.#revision < revision) this.#apply(await this.#main().registry(undefined));
    await this.#settled;
  }

  #apply(registry: RegistrySnapshot): void {
    if (registry.revision <= this.#revision || this.#signal.aborted) return;
    // What was watched when the node started goes on from its cursor; a source that comes later begins now.
    const resumes = this.#revision === -1;
    this.#revision = registry.revision;
    if (this.#newFeed === undefined) this.#startChainsAndClock(registry, resumes);
    else this.#startFeeds(this.#newFeed, registry, resumes);
    this.#settled = Promise.all([...this.#sources.values()].map(({ source }) => source.watch(registry)));
  }

  #startChainsAndClock(registry: RegistrySnapshot, resumes: boolean): void {
    const watched = watchedChains(registry);
    for (const chain of registry.chains) {
      if (watched.has(chain.key) && !this.#chains.has(chain.key)) this.#startChain(chain, registry, resumes);
    }
    const modules = { context: this.#context };
    if (watches(registry, "cron") && !this.#sources.has(CRON_SOURCE)) {
      this.#start(createCronSource({ missed: this.#missed }, modules), registry, resumes);
    }
    if (watches(registry, "at_proto_event") && !this.#sources.has(JETSTREAM_SOURCE)) {
      this.#start(createJetstreamSource(this.#jetstream, modules), registry, resumes);
    }
  }

  #startFeeds(newFeed: (feedKey: FeedKey) => HypercoreSource, registry: RegistrySnapshot, resumes: boolean): void {
    for (const feedKey of watchedFeeds(registry)) {
      if (this.#sources.has(feedSourceName(feedKey))) continue;
      const source = newFeed(feedKey);
      this.#feeds.push(source);
      this.#start(source, registry, resumes);
    }
  }

  #startChain(chain: ChainConfig, registry: RegistrySnapshot, resumes: boolean): void {
    if (chain.kind !== "evm") return;
    try {
      const source = createEvmSource({ config: chain, missed: this.#missed }, {
        context: this.#context,
        recordedBlocks: (above) =>
          this.#main().recordedBlocks({ chain: chain.key, above, limit: MAX_RECORDED_BLOCKS }, {
            signal: this.#signal,
          }),
      });
      this.#start(source, registry, resumes);
      this.#chains.set(chain.key, source);
      this.#unusable.delete(chain.key);
    } catch (error) {
      if (!(error instanceof WavsError)) throw error;
      this.#unusable.set(chain.key, error);
      this.#context.log.error("Chain is not watched", { chain: chain.key, cause: serializeError(error) });
    }
  }

  #start(source: TriggerSource, registry: RegistrySnapshot, resumes: boolean): void {
    // Before it runs, so that its first block is read for everything that is watched.
    void source.watch(registry);
    this.#sources.set(source.name, { source, done: this.#run(source, resumes) });
  }

  async #run(source: TriggerSource, resumes: boolean): Promise<void> {
    await using running = source;
    let goesOn = resumes;
    for (let attempt = 1; !this.#signal.aborted; attempt++) {
      try {
        await this.#deliverAll(running, goesOn);
      } catch (error) {
        this.#context.log.error("Source failed, starting it again", {
          source: running.name,
          cause: serializeError(error),
        });
        await this.#pause(attempt);
      }
      goesOn = true;
    }
  }

  async #deliverAll(source: TriggerSource, resumes: boolean): Promise<void> {
    const cursor = resumes
      ? await this.#insist("Cursor not read yet", (options) => this.#main().cursor(source.name, options))
      : undefined;
    for await (const batch of source.batches(cursor, this.#signal)) {
      await this.#insist("Batch not committed yet", (options) => this.#main().deliver(batch, options));
    }
  }

  /** Asks main until it answers; gives up only when the node shuts down. */
  async #insist<T>(otherwise: string, ask: (options: CallOptions) => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; !this.#signal.aborted; attempt++) {
      try {
        return await ask({ signal: this.#signal });
      } catch (error) {
        if (this.#signal.aborted) break;
        this.#context.log.warn(otherwise, { error: describeError(error), attempt });
        await this.#pause(attempt);
      }
    }
    return undefined;
  }

  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#context;
    await clock.sleep(backoffMs(SOURCE_RETRY_BACKOFF, attempt, random), this.#signal);
  }

  #health(): readonly SourceHealth[] {
    const running = [...this.#sources.values()].map(({ source }) => source.health());
    const unusable = [...this.#unusable].map(([chain, error]): SourceHealth => ({
      source: String(chain) as SourceName,
      connected: false,
      endpoint: undefined,
      blocks: undefined,
      lagMs: undefined,
      lastError: error.message,
    }));
    return [...running, ...unusable];
  }
}
