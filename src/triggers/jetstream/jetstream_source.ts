import { endpointLabel } from "@/chains/mod.ts";
import { childContext, type Context } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import { afterFailure, FIRST_ENDPOINT, pauseMs, type Rotation } from "../rotation.ts";
import { Takeover } from "../takeover.ts";
import type { Cursor, SourceBatch, SourceHealth, SourceName, TriggerSource } from "../types.ts";
import { unreachable } from "./connection.ts";
import { Intake, NOTHING } from "./intake.ts";
import {
  CURSOR_INTERVAL_MS,
  MAX_FRAME_CHARS,
  RECONNECT_BACKOFF,
  SILENCE,
  STABLE_CONNECTION_MS,
  USUAL_REPLAY_US,
} from "./limits.ts";
import type { JetstreamOptions } from "./options.ts";
import { decodeCursor, encodeCursor } from "./position.ts";
import { type Leaving, Reading } from "./reading.ts";
import { jetstreamWatchlist, type UpstreamFilter } from "./watchlist.ts";

/** There is one stream of repositories for all services, whichever server it is read from. */
export const JETSTREAM_SOURCE = "jetstream" as SourceName;

export interface JetstreamModules {
  readonly context: Context;
}

/**
 * Follows the repositories of AT Protocol through a Jetstream server (spec/network.md 1.6).
 *
 * The server is asked only for what some trigger may want, and what it sends is checked again here. A lost connection, a
 * server that was left because the journal did not keep up, and a restart all go on from the stored position, a few
 * seconds before it; what comes twice is known by the repository's own revision.
 */
export function createJetstreamSource(options: JetstreamOptions, modules: JetstreamModules): TriggerSource {
  return new JetstreamSource(options, childContext(modules.context, "jetstream"));
}

class JetstreamSource implements TriggerSource {
  readonly name = JETSTREAM_SOURCE;
  readonly #endpoints: readonly string[];
  readonly #maxMessageBytes: number;
  readonly #context: Context;
  readonly #closing = new AbortController();
  readonly #takeover = new Takeover(NOTHING);
  #rotation: Rotation = FIRST_ENDPOINT;
  #silences = 0;
  #storedAtMs = -Infinity;
  #connectedTo: string | undefined;
  #readFromLast: string | undefined;
  #lagMs: number | undefined;
  #storedUs: bigint | undefined;
  #lastError: string | undefined;

  constructor({ endpoints, maxMessageBytes }: JetstreamOptions, context: Context) {
    this.#endpoints = endpoints;
    this.#maxMessageBytes = maxMessageBytes;
    this.#context = context;
  }

  async *batches(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    const intake = this.#open(from);
    this.#storedAtMs = -Infinity;
    this.#readFromLast = undefined;
    while (!ending.aborted) {
      yield* this.#handOver(intake);
      if (intake.isWatching) yield* this.#follow(intake, ending);
      else await this.#news(Infinity, ending);
    }
    this.#takeover.release();
  }

  watch(registry: RegistrySnapshot): Promise<void> {
    return this.#takeover.announce(jetstreamWatchlist(registry));
  }

  health(): SourceHealth {
    return {
      source: this.name,
      connected: this.#connectedTo !== undefined,
      endpoint: this.#connectedTo === undefined ? undefined : endpointLabel(this.#connectedTo),
      blocks: undefined,
      lagMs: this.#lagMs,
      lastError: this.#lastError,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#takeover.close();
    return Promise.resolve();
  }

  #open(from: Cursor | undefined): Intake {
    const position = from === undefined ? undefined : decodeCursor(from);
    const nowUs = this.#nowUs();
    if (position !== undefined && nowUs - position.timeUs > USUAL_REPLAY_US) {
      this.#context.log.warn("Events may be missing, servers keep them for about 36 hours", {
        lastReadAtMs: position.timeUs / 1_000n,
      });
    }
    return new Intake({ position, nowUs, maxFrameChars: this.#maxMessageBytes || MAX_FRAME_CHARS });
  }

  /** One connection from its opening to its end, with the pause that is due before the next one. */
  async *#follow(intake: Intake, ending: AbortSignal): AsyncGenerator<SourceBatch> {
    const { clock } = this.#context;
    const startedAtMs = clock.monotonic();
    let leaving: Leaving;
    try {
      leaving = yield* this.#readFrom(this.#endpoint(), intake, ending);
    } catch (error) {
      if (!isWavsError(error, "jetstream_unreachable")) throw error;
      if (ending.aborted) return;
      this.#noteFailure(error.message);
      leaving = "failed";
    } finally {
      this.#connectedTo = undefined;
    }
    if (leaving === "failed") {
      const wasStable = clock.monotonic() - startedAtMs >= STABLE_CONNECTION_MS;
      this.#rotation = afterFailure(this.#rotation, this.#endpoints.length, wasStable);
      yield* this.#pause(intake, ending);
    } else {
      this.#rotation = { ...this.#rotation, failures: 0 };
    }
  }

  async *#readFrom(endpoint: string, intake: Intake, ending: AbortSignal): AsyncGenerator<SourceBatch, Leaving> {
    const { clock, log } = this.#context;
    const { filter } = intake;
    await using reading = await Reading.open(
      {
        endpoint,
        isSameServer: endpoint === this.#readFromLast,
        maxMessageBytes: this.#maxMessageBytes,
        intake,
        onNews: () => this.#takeover.wake(),
      },
      this.#context,
      ending,
    );
    const connectedAtMs = reading.heardAtMs;
    this.#connectedTo = endpoint;
    this.#readFromLast = endpoint;
    this.#lastError = undefined;
    log.info("Reading events of repositories", { endpoint: endpointLabel(endpoint) });
    while (!ending.aborted) {
      yield* this.#handOver(intake);
      if (reading.left !== undefined && !intake.hasEvents) return this.#noteLeft(reading.left);
      if (!isSameFilter(intake.filter, filter)) return "changed";
      if (reading.heardAtMs > connectedAtMs) this.#silences = 0;
      const patienceMs = Math.min(SILENCE.maxMs, SILENCE.baseMs * 2 ** this.#silences);
      const leftMs = reading.heardAtMs + patienceMs - clock.monotonic();
      if (leftMs <= 0) {
        this.#silences++;
        return "silent";
      }
      await this.#news(Math.min(CURSOR_INTERVAL_MS, leftMs), ending);
    }
    return "changed";
  }

  #noteLeft({ leaving, reason }: { readonly leaving: Leaving; readonly reason: string }): Leaving {
    if (leaving === "failed") this.#noteFailure(reason);
    else this.#context.log.info("Leaving the server until what it sent is recorded", { reason });
    return leaving;
  }

  /** Takes over what is to be watched and stores what was read; whoever waits for the former may go on then. */
  async *#handOver(intake: Intake): AsyncGenerator<SourceBatch> {
    const { clock } = this.#context;
    const { watched, settle } = this.#takeover.take();
    const hasChanged = intake.watch(watched, this.#nowUs());
    const isDue = () => clock.monotonic() - this.#storedAtMs >= CURSOR_INTERVAL_MS && intake.readUs !== this.#storedUs;
    if (hasChanged || intake.hasEvents || isDue()) {
      do yield this.#nextBatch(intake); while (intake.hasEvents);
      this.#storedAtMs = clock.monotonic();
    }
    this.#lagMs = intake.lagMs;
    settle();
  }

  #nextBatch(intake: Intake): SourceBatch {
    const detectedAtMs = this.#context.clock.now();
    const { events, position } = intake.takeOut(MAX_EVENTS_PER_BATCH);
    this.#storedUs = position.timeUs;
    return {
      source: this.name,
      cursor: encodeCursor(position),
      events: events.map(({ workflow, data, identity }) => ({
        ...workflow,
        data,
        identity,
        block: undefined,
        detectedAtMs,
      })),
      uriChanges: [],
      orphanedBlocks: [],
    };
  }

  /** What changes meanwhile is taken over at once: registering a service must not wait for a server. */
  async *#pause(intake: Intake, ending: AbortSignal): AsyncGenerator<SourceBatch> {
    const options = { endpoints: this.#endpoints.length, backoff: RECONNECT_BACKOFF, random: this.#context.random };
    await this.#news(pauseMs(this.#rotation, options), ending);
    yield* this.#handOver(intake);
  }

  async #news(patienceMs: number, ending: AbortSignal): Promise<void> {
    const over = AbortSignal.any([ending, this.#takeover.woken]);
    await this.#context.clock.sleep(Math.min(patienceMs, SILENCE.maxMs), over);
  }

  #endpoint(): string {
    const endpoint = this.#endpoints[this.#rotation.index];
    if (endpoint === undefined) throw unreachable("", "no server is configured");
    return endpoint;
  }

  #noteFailure(message: string): void {
    this.#lastError = message;
    this.#context.log.warn("Not reading events of repositories", { reason: message });
  }

  #nowUs(): bigint {
    return BigInt(Math.trunc(this.#context.clock.now())) * 1_000n;
  }
}

/** Filters are sorted, so the same ones look the same. */
function isSameFilter(left: UpstreamFilter, right: UpstreamFilter): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
