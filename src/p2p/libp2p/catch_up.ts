import type { Connection, Stream } from "@libp2p/interface";
import type { Context } from "@/context/mod.ts";
import type { P2pConfig } from "@/config/types.ts";
import { describeError, type ServiceId } from "@/domain/mod.ts";
import {
  decodeCatchUpRequest,
  encodeCatchUpRequest,
  encodeCatchUpResponse,
  splitCatchUpResponse,
} from "../catch_up_frames.ts";
import {
  CATCH_UP_INTERVAL_MS,
  MAX_CATCH_UP_REQUEST_BYTES,
  MAX_CATCH_UP_RESPONSE_BYTES,
  MAX_CATCH_UPS,
  MAX_KNOWN_PEERS,
  MAX_WAITING_CATCH_UPS,
} from "../limits.ts";
import type { PeerNetworkHandlers } from "../types.ts";
import { readToEnd, writeAll } from "./catch_up_streams.ts";

/** One JSON document each way, the end of the stream half for a delimiter (spec/network.md 5.7). */
export const CATCH_UP_PROTOCOL = "/wavs/catchup/1.0.0";

export interface CatchUpModules {
  readonly context: Context;
  readonly handlers: Pick<PeerNetworkHandlers, "submissions">;
  readonly isJoined: (serviceId: ServiceId) => boolean;
  /** One of the peer's connections, while it has any. */
  readonly connectionTo: (peerId: string) => Connection | undefined;
  /** Takes the submissions of an answer, one after the other. */
  readonly take: (peerId: string, serviceId: ServiceId, items: readonly Uint8Array[]) => Promise<void>;
}

interface Wish {
  readonly peerId: string;
  readonly serviceId: ServiceId;
}

/** Asks peers for what was missed, and answers those who ask. */
export class CatchUp {
  readonly #config: P2pConfig;
  readonly #modules: CatchUpModules;
  /** What is to be asked, the oldest first. */
  readonly #wishes = new Map<string, Wish>();
  readonly #asking = new Map<ServiceId, number>();
  readonly #askedMs = new Map<string, number>();
  #answering = 0;

  constructor(config: P2pConfig, modules: CatchUpModules) {
    this.#config = config;
    this.#modules = modules;
  }

  /** To be asked as soon as there is room: a wish is never skipped, only joined by the same one. */
  want(peerId: string, serviceId: ServiceId): void {
    const key = `${peerId}/${serviceId}`;
    this.#wishes.delete(key);
    this.#wishes.set(key, { peerId, serviceId });
    const [oldest] = this.#wishes.keys();
    if (oldest !== undefined && this.#wishes.size > MAX_WAITING_CATCH_UPS) this.#wishes.delete(oldest);
  }

  /** Asks what may be asked now. */
  upkeep(): void {
    const nowMs = this.#modules.context.clock.monotonic();
    for (const [key, wish] of this.#wishes) {
      const { serviceId, peerId } = wish;
      const connection = this.#modules.connectionTo(peerId);
      if (connection === undefined || !this.#modules.isJoined(serviceId)) {
        this.#wishes.delete(key);
        continue;
      }
      const running = [...this.#asking.values()].reduce((sum, count) => sum + count, 0);
      if (running >= MAX_CATCH_UPS) return;
      const ofService = this.#asking.get(serviceId) ?? 0;
      const isTooSoon = nowMs - (this.#askedMs.get(key) ?? -Infinity) < CATCH_UP_INTERVAL_MS;
      if (ofService >= this.#config.maxConcurrentCatchupRequestsPerService || isTooSoon) continue;
      this.#wishes.delete(key);
      this.#remember(key, nowMs);
      void this.#ask(wish, connection);
    }
  }

  /** Answers a peer; a stream that brings nothing sensible is reset. */
  async answer(stream: Stream, connection: Connection): Promise<void> {
    const signal = this.#deadline();
    try {
      if (this.#answering >= MAX_CATCH_UPS) throw new Error("too many peers are being answered");
      this.#answering++;
      try {
        const serviceId = decodeCatchUpRequest(await readToEnd(stream, MAX_CATCH_UP_REQUEST_BYTES, signal));
        const query = { serviceId, limit: this.#config.maxCatchupSubmissions };
        const items = await this.#modules.handlers.submissions(query);
        await writeAll(stream, encodeCatchUpResponse(items), signal);
      } finally {
        this.#answering--;
      }
    } catch (error) {
      const fields = { peer: connection.remotePeer.toString(), reason: describeError(error) };
      this.#modules.context.log.debug("A peer that asked for submissions was not answered", fields);
      stream.abort(error instanceof Error ? error : new Error(describeError(error)));
    }
  }

  async #ask({ peerId, serviceId }: Wish, connection: Connection): Promise<void> {
    const { context: { log }, take } = this.#modules;
    this.#asking.set(serviceId, (this.#asking.get(serviceId) ?? 0) + 1);
    const signal = this.#deadline();
    let stream: Stream | undefined;
    try {
      stream = await connection.newStream(CATCH_UP_PROTOCOL, { signal });
      await writeAll(stream, encodeCatchUpRequest(serviceId), signal);
      const items = splitCatchUpResponse(await readToEnd(stream, MAX_CATCH_UP_RESPONSE_BYTES, signal));
      log.debug("A peer told what it has", { peer: peerId, serviceId, submissions: items.length });
      await take(peerId, serviceId, items);
    } catch (error) {
      log.debug("A peer did not tell what it has", { peer: peerId, serviceId, reason: describeError(error) });
      stream?.abort(error instanceof Error ? error : new Error(describeError(error)));
    } finally {
      const count = (this.#asking.get(serviceId) ?? 1) - 1;
      if (count > 0) this.#asking.set(serviceId, count);
      else this.#asking.delete(serviceId);
    }
  }

  #deadline(): AbortSignal {
    const timeout = AbortSignal.timeout(this.#config.catchupRequestTimeoutSecs * 1000);
    return AbortSignal.any([this.#modules.context.signal, timeout]);
  }

  #remember(key: string, nowMs: number): void {
    this.#askedMs.delete(key);
    this.#askedMs.set(key, nowMs);
    const [oldest] = this.#askedMs.keys();
    if (oldest !== undefined && this.#askedMs.size > MAX_KNOWN_PEERS * 16) this.#askedMs.delete(oldest);
  }
}
