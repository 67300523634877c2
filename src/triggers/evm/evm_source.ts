import {
  type BlockHeader,
  chainSection,
  checkEvmEndpoint,
  endpointLabel,
  isWsUrl,
  parseQuantity,
  priorityEndpoint,
  requireEndpoints,
  wsEndpointsInOrder,
} from "@/chains/mod.ts";
import { childContext, type Context } from "@/context/mod.ts";
import type { EvmChainConfig } from "@/domain/chain_config.ts";
import { describeError, WavsError } from "@/domain/errors.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import type { MissedPolicy } from "../missed.ts";
import { afterFailure, FIRST_ENDPOINT, pauseMs, type Rotation } from "../rotation.ts";
import type { Cursor, SourceBatch, SourceHealth, SourceName, StreamInfo, TriggerSource } from "../types.ts";
import { ChainReader } from "./chain_reader.ts";
import { ChainFollower, type RecordedBlocks } from "./follower.ts";
import { PRIORITY_CHECK_INTERVAL_MS, RECONNECT_BACKOFF, STABLE_SESSION_MS } from "./limits.ts";
import { decodeCursor } from "./position.ts";
import { openSession, type Session } from "./session.ts";
import { EMPTY_WATCHLIST, type Watchlist, watchlistOf } from "./watchlist.ts";
import { Witnesses } from "./witnesses.ts";

export interface EvmSourceOptions {
  readonly config: EvmChainConfig;
  /** What becomes of heights that passed while nobody watched, for block intervals. */
  readonly missed: MissedPolicy;
}

export interface EvmSourceModules {
  readonly context: Context;
  readonly recordedBlocks: RecordedBlocks;
}

/** A {@link TriggerSource} that can also show its subscriptions. */
export interface EvmSource extends TriggerSource {
  stream(): StreamInfo;
}

/**
 * Follows one EVM chain: contract events, heights, and the service URIs that managers announce.
 *
 * WebSockets only tell that there is something new; what it is comes from `eth_getLogs` by block hash and from the chain
 * of block hashes, so that neither lost announcements, nor dead connections, nor reorgs lose or invent an event. The
 * HTTP endpoint is the last resort, by polling.
 *
 * @throws WavsError `chain_endpoint_missing`
 */
export function createEvmSource(options: EvmSourceOptions, modules: EvmSourceModules): EvmSource {
  return new ChainSource(options, { ...modules, context: childContext(modules.context, "evm") });
}

class ChainSource implements EvmSource {
  readonly name: SourceName;
  readonly #config: EvmChainConfig;
  readonly #missed: MissedPolicy;
  readonly #recordedBlocks: RecordedBlocks;
  readonly #witnesses: Witnesses;
  readonly #context: Context;
  /** In the order they are tried; the first is the best. */
  readonly #endpoints: readonly string[];
  readonly #closing = new AbortController();
  #rotation: Rotation = FIRST_ENDPOINT;
  #watchlist: Watchlist = EMPTY_WATCHLIST;
  #session: Session | undefined;
  /**
   * Resolves once the first attempt to connect follows the chain or failed. Before that there may be no position yet,
   * and what happens on the chain could fall before it.
   */
  readonly #settled = Promise.withResolvers<void>();
  #follower: ChainFollower | undefined;
  #head: bigint | undefined;
  #lastError: string | undefined;

  constructor({ config, missed }: EvmSourceOptions, { context, recordedBlocks }: EvmSourceModules) {
    const http = config.httpEndpoint === undefined ? [] : [config.httpEndpoint];
    this.#endpoints = requireEndpoints(config, [...wsEndpointsInOrder(config), ...http]);
    this.#config = config;
    this.#missed = missed;
    this.#context = context;
    this.#recordedBlocks = recordedBlocks;
    this.#witnesses = new Witnesses(config, this.#endpoints, context);
    this.name = String(config.key) as SourceName;
    if (config.wsPriorityEndpointIndex !== undefined && priorityEndpoint(config) === undefined) {
      context.log.warn("Preferred endpoint ignored, there is none with this index", {
        chain: config.key,
        setting: `${chainSection(config)}.ws_priority_endpoint_index`,
        index: config.wsPriorityEndpointIndex,
      });
    }
  }

  async *batches(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    const { key: chain } = this.#config;
    const position = from === undefined ? undefined : decodeCursor(from);
    const follower = new ChainFollower(
      { source: this.name, chain, position, missed: this.#missed },
      { context: this.#context, watchlist: () => this.#watchlist, recordedBlocks: this.#recordedBlocks },
    );
    this.#follower = follower;
    while (!ending.aborted) {
      const startedAtMs = this.#context.clock.monotonic();
      try {
        yield* this.#followThrough(this.#endpoint(), follower, ending);
        this.#rotation = FIRST_ENDPOINT;
      } catch (error) {
        if (ending.aborted) break;
        this.#noteFailure(error, this.#context.clock.monotonic() - startedAtMs);
        await this.#pause(ending);
      }
    }
    this.#settled.resolve();
  }

  async watch(registry: RegistrySnapshot): Promise<void> {
    const watchlist = watchlistOf(registry, this.#config.key);
    this.#watchlist = watchlist;
    // What a changed definition missed is caught up now, not with the next block.
    this.#session?.look();
    await this.#settled.promise;
    try {
      await this.#session?.subscribeLogs(watchlist.filter);
    } catch (error) {
      // No event is lost: heads are announced still, and the next connection asks for what is wanted then.
      this.#context.log.warn("Subscription not changed", { chain: this.#config.key, error: describeError(error) });
    }
  }

  health(): SourceHealth {
    return {
      source: this.name,
      connected: this.#session !== undefined,
      endpoint: this.#session === undefined ? undefined : endpointLabel(this.#session.url),
      blocks: this.#blocks(),
      lagMs: undefined,
      lastError: this.#lastError,
    };
  }

  #blocks(): SourceHealth["blocks"] {
    const delivered = this.#follower?.delivered;
    return this.#head === undefined || delivered === undefined ? undefined : { head: this.#head, delivered };
  }

  stream(): StreamInfo {
    const session = this.#session;
    return {
      chain: this.#config.key,
      currentEndpoint: session === undefined ? undefined : endpointLabel(session.url),
      isConnected: session !== undefined,
      rpcInFlight: session?.isBusy() ?? false,
      subscriptions: session?.subscriptions() ?? [],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#settled.resolve();
    await this.#session?.[Symbol.asyncDispose]();
    await this.#witnesses[Symbol.asyncDispose]();
  }

  /** Follows the chain through one endpoint; returns when a better one is back, and throws when this one fails. */
  async *#followThrough(url: string, follower: ChainFollower, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    await using session = await openSession(url, this.#context, signal);
    const over = new AbortController();
    const watching = this.#watchForBetter(session, AbortSignal.any([over.signal, signal]));
    try {
      const reader = this.#readerOf(session, signal);
      await this.#requireChainId(session, signal);
      // Subscribed before anything is read, so that nothing falls between.
      await session.subscribeLogs(this.#watchlist.filter);
      const head = await this.#see(reader, reader.latest());
      yield* follower.begin(reader, head);
      await this.#goLive(session);
      yield* follower.advance(reader, head);
      yield* this.#followTicks({ session, reader, follower, signal });
    } finally {
      over.abort();
      this.#session = undefined;
      await watching;
    }
  }

  async *#followTicks({ session, reader, follower, signal }: {
    readonly session: Session;
    readonly reader: ChainReader;
    readonly follower: ChainFollower;
    readonly signal: AbortSignal;
  }): AsyncGenerator<SourceBatch> {
    while (!signal.aborted) {
      const tick = await session.nextTick(signal);
      if (tick.kind === "leave" || signal.aborted) return;
      yield* follower.advance(reader, await this.#see(reader, tick.head ?? reader.latest()));
    }
  }

  /** Opens the door for `watch`: from here on, a block that comes is read with what is wanted then. */
  async #goLive(session: Session): Promise<void> {
    this.#session = session;
    await session.subscribeLogs(this.#watchlist.filter);
    this.#lastError = undefined;
    this.#settled.resolve();
    this.#context.log.info("Following chain", { chain: this.#config.key, endpoint: endpointLabel(session.url) });
  }

  #readerOf({ url, requester }: Session, signal: AbortSignal): ChainReader {
    const { key: chain, reading } = this.#config;
    return new ChainReader({ chain, reading }, {
      context: this.#context,
      requester,
      confirm: (logs, ask) => this.#witnesses.confirm(url, logs, ask),
      signal,
    });
  }

  /** @returns the block up to which events may be taken */
  async #see(reader: ChainReader, head: BlockHeader | Promise<BlockHeader>): Promise<BlockHeader> {
    const seen = await head;
    this.#head = seen.number;
    return await reader.confirmed(seen);
  }

  /** Events of another chain would be signed as if they were of this one. */
  async #requireChainId(session: Session, signal: AbortSignal): Promise<void> {
    const chainId = parseQuantity(await session.requester.request("eth_chainId", [], { signal }));
    if (String(chainId) === this.#config.chainId) return;
    throw new WavsError("chain_id_mismatch", {
      message: `Cannot follow chain "${this.#config.key}" through "${endpointLabel(session.url)}" because that is ` +
        `chain "${chainId}", not "${this.#config.chainId}"`,
      retryable: false,
    });
  }

  /** Leaves the session once the preferred endpoint, or any WebSocket while polling, is healthy. */
  async #watchForBetter(session: Session, signal: AbortSignal): Promise<void> {
    const [best] = this.#endpoints;
    const isBetter = priorityEndpoint(this.#config) !== undefined || !isWsUrl(session.url);
    if (best === undefined || best === session.url || !isBetter || !isWsUrl(best)) return;
    const { clock, log } = this.#context;
    while (true) {
      await clock.sleep(PRIORITY_CHECK_INTERVAL_MS, signal);
      if (signal.aborted) return;
      try {
        await checkEvmEndpoint(this.#config.key, best, { context: this.#context, signal });
        return session.leave();
      } catch (error) {
        log.debug("Preferred endpoint is not back yet", { chain: this.#config.key, error: describeError(error) });
      }
    }
  }

  #endpoint(): string {
    const url = this.#endpoints[this.#rotation.index];
    if (url === undefined) throw new Error("the rotation left the endpoints");
    return url;
  }

  #noteFailure(error: unknown, lastedMs: number): void {
    this.#lastError = describeError(error);
    this.#context.log.warn("Endpoint lost, trying the next", {
      chain: this.#config.key,
      endpoint: endpointLabel(this.#endpoint()),
      error: this.#lastError,
    });
    const wasStable = lastedMs >= STABLE_SESSION_MS;
    this.#rotation = afterFailure(this.#rotation, this.#endpoints.length, wasStable);
    // Whoever waits for this source must not wait for a chain that is down.
    this.#settled.resolve();
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#context;
    const options = { endpoints: this.#endpoints.length, backoff: RECONNECT_BACKOFF, random };
    await clock.sleep(pauseMs(this.#rotation, options), signal);
  }
}
