import type { Socket } from "node:net";
import type { Context } from "@/context/mod.ts";
import { describeError } from "@/domain/errors.ts";
import { createProtocolStream, type NoiseStream, type ProtocolStream } from "./library.ts";
import {
  CONTROL_BYTES_PER_BLOCK,
  HANDSHAKE_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  MAX_BLOCK_BYTES,
  MAX_CONTROL_BYTES,
  MAX_PROOF_BYTES,
  MAX_STRANGER_BYTES,
  MAX_STRANGER_RECORD_BYTES,
  RECORD_TIMEOUT_MS,
  SILENCE_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
  WATCH_INTERVAL_MS,
} from "./limits.ts";
import { RecordMeter } from "./record_meter.ts";

export interface ConnectionOptions {
  /** Who connected to whom: the one who connects speaks first. */
  readonly isInitiator: boolean;
  /** `host:port` of the other side. */
  readonly peer: string;
  /** Told when the other side wants to speak about a feed that was not named yet. */
  readonly onFeedAsked?: (discoveryKey: Uint8Array | null, connection: Connection) => void;
}

/** Why a connection ended. */
export interface ConnectionEnd {
  /** A broken rule; an ordinary end otherwise. */
  readonly offence: string | undefined;
  readonly reason: string;
  /** Whether it brought blocks, or had the feed open for a while. */
  readonly wasUseful: boolean;
}

/**
 * One TCP connection to somebody who may be hostile, with Noise and the channels of the protocol on it.
 *
 * Whatever the other side does costs this connection and nothing else: a record that is too large or too slow, more
 * control messages than blocks account for, blocks that were promised and do not come, and every error of the libraries
 * destroy it.
 */
export class Connection {
  readonly peer: string;
  readonly stream: ProtocolStream;
  readonly ended: Promise<ConnectionEnd>;
  readonly #context: Context;
  readonly #socket: Socket;
  readonly #meter = new RecordMeter();
  readonly #end = Promise.withResolvers<ConnectionEnd>();
  readonly #startedAtMs: number;
  readonly #over = new AbortController();
  #offence: string | undefined;
  #reason = "it was closed";
  #openedAtMs: number | undefined;
  #blocks = 0;
  #blockBytes = 0;
  #lastBlockAtMs: number;
  #heardAtMs: number;
  #owesBlocks = (): boolean => false;
  #owesSinceMs: number | undefined;

  constructor(socket: Socket, options: ConnectionOptions, context: Context) {
    this.peer = options.peer;
    this.ended = this.#end.promise;
    this.#context = context;
    this.#socket = socket;
    this.#startedAtMs = this.#heardAtMs = this.#lastBlockAtMs = context.clock.monotonic();
    const { onFeedAsked } = options;
    this.stream = createProtocolStream(options.isInitiator, {
      keepAlive: false,
      ...(onFeedAsked === undefined ? {} : { ondiscoverykey: (key) => onFeedAsked(key, this) }),
    });
    this.noise.setKeepAlive(KEEP_ALIVE_MS);
    this.#contain();
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.#meterIn(chunk));
    socket.pipe(this.stream).pipe(socket);
    void this.#watch();
  }

  get noise(): NoiseStream {
    return this.stream.noiseStream;
  }

  /** Whether the other side has shown that it knows the feed. */
  get isOpen(): boolean {
    return this.#openedAtMs !== undefined;
  }

  /** Since when it has brought nothing, by the monotonic clock. */
  get idleSinceMs(): number {
    return this.#lastBlockAtMs;
  }

  /** The feed is open on it; `owesBlocks` tells whether blocks were asked of it that have not come. */
  opened(owesBlocks: () => boolean): void {
    this.#openedAtMs ??= this.#lastBlockAtMs = this.#context.clock.monotonic();
    this.#owesBlocks = owesBlocks;
  }

  /** A block came that was asked for and is what it should be. */
  delivered(bytes: number): void {
    this.#blocks++;
    this.#blockBytes += bytes;
    this.#lastBlockAtMs = this.#context.clock.monotonic();
  }

  /** Ends it for breaking a rule; `offence` says which. */
  drop(offence: string): void {
    this.#offence ??= offence;
    this.close(offence);
  }

  close(reason: string): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#reason = reason;
    this.#socket.destroy();
    this.stream.destroy();
    this.noise.destroy();
    this.#end.resolve({ offence: this.#offence, reason: this.#reason, wasUseful: this.#wasUseful() });
  }

  #wasUseful(): boolean {
    const { monotonic } = this.#context.clock;
    return this.#blocks > 0 ||
      (this.#openedAtMs !== undefined && monotonic() - this.#openedAtMs >= HANDSHAKE_TIMEOUT_MS);
  }

  /** Every error ends the connection: none may reach the runtime, which would end the worker. */
  #contain(): void {
    const { noise } = this;
    const fail = (error: unknown) => this.drop(describeError(error));
    noise.on("error", fail);
    this.stream.on("error", fail);
    // A lost connection is nobody's offence.
    this.#socket.on("error", (error) => this.close(describeError(error)));
    const left = () => this.close("the other side closed it");
    noise.on("close", left);
    this.stream.on("close", left);
    this.#socket.on("close", left);
    // The channels throw again, outside of every handler, what they take for a defect of their own: a peer can send that.
    Object.assign(noise.userData, { _safeDestroy: fail, _safeDestroyBound: fail, _warn: () => {} });
  }

  #meterIn(chunk: Uint8Array): void {
    const maxRecord = this.isOpen ? MAX_BLOCK_BYTES + MAX_PROOF_BYTES : MAX_STRANGER_RECORD_BYTES;
    this.#heardAtMs = this.#context.clock.monotonic();
    const tooLong = this.#meter.take(chunk, maxRecord, this.#heardAtMs);
    if (tooLong !== undefined) return this.drop(`it announced a record of ${tooLong} bytes, the limit is ${maxRecord}`);
    const control = this.#meter.total - this.#blockBytes - this.#blocks * CONTROL_BYTES_PER_BLOCK;
    // A block counts once it has been checked, so one may be on its way.
    const maxControl = this.isOpen ? MAX_CONTROL_BYTES + maxRecord : MAX_STRANGER_BYTES;
    if (control > maxControl) this.drop(`it sent more than ${maxControl} bytes that are no block`);
  }

  async #watch(): Promise<void> {
    const { clock, signal } = this.#context;
    const ending = AbortSignal.any([signal, this.#over.signal]);
    while (!ending.aborted) {
      await clock.sleep(WATCH_INTERVAL_MS, ending);
      const now = clock.monotonic();
      if (!this.isOpen && now - this.#startedAtMs > HANDSHAKE_TIMEOUT_MS) {
        this.drop(`it did not open the feed within ${HANDSHAKE_TIMEOUT_MS / 1_000} s`);
      }
      if (now - this.#heardAtMs > SILENCE_TIMEOUT_MS) this.close(`it said nothing for ${SILENCE_TIMEOUT_MS / 1_000} s`);
      if (this.#meter.pendingMs(now) > RECORD_TIMEOUT_MS) {
        this.drop(`a record took longer than ${RECORD_TIMEOUT_MS / 1_000} s`);
      }
      this.#checkStall(now);
    }
    this.close("the feed is left");
  }

  #checkStall(nowMs: number): void {
    if (!this.#owesBlocks()) this.#owesSinceMs = undefined;
    else this.#owesSinceMs ??= nowMs;
    if (this.#owesSinceMs === undefined) return;
    if (nowMs - Math.max(this.#owesSinceMs, this.#lastBlockAtMs) > STALL_TIMEOUT_MS) {
      this.drop(`it owes blocks and has sent none for ${STALL_TIMEOUT_MS / 1_000} s`);
    }
  }
}
