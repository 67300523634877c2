import type { Context } from "@/context/mod.ts";
import { serializeError, WavsError } from "@/domain/errors.ts";
import { type JetstreamConnection, openJetstream } from "./connection.ts";
import type { Intake } from "./intake.ts";
import { MAX_BAD_FRAMES } from "./limits.ts";

/**
 * Why a connection is left: the server failed, it has said nothing for too long, it sent more than the journal takes, or
 * something else is to be watched. A server can be told of another filter, but not to look back a little for it, so that
 * what happens just then would be lost.
 */
export type Leaving = "failed" | "silent" | "full" | "changed";

export interface ReadingOptions {
  readonly endpoint: string;
  /** Whether it is the one that was read last. */
  readonly isSameServer: boolean;
  readonly maxMessageBytes: number;
  readonly intake: Intake;
  /** Told when there is something to hand over, or the connection is over. */
  readonly onNews: () => void;
}

/** One connection whose messages go into the intake, until one of both has enough. */
export class Reading implements AsyncDisposable {
  readonly #intake: Intake;
  readonly #context: Context;
  readonly #onNews: () => void;
  #connection: JetstreamConnection | undefined;
  #left: { readonly leaving: Leaving; readonly reason: string } | undefined;
  #heardAtMs: number;
  #badFrames = 0;

  private constructor({ intake, onNews }: ReadingOptions, context: Context) {
    this.#intake = intake;
    this.#onNews = onNews;
    this.#context = context;
    this.#heardAtMs = context.clock.monotonic();
  }

  /** @throws WavsError `jetstream_unreachable` */
  static async open(options: ReadingOptions, context: Context, signal: AbortSignal): Promise<Reading> {
    const { endpoint, isSameServer, maxMessageBytes, intake } = options;
    const reading = new Reading(options, context);
    const connection = await openJetstream({
      endpoint,
      cursorUs: intake.resume(isSameServer),
      maxMessageBytes,
      filter: intake.filter,
      onText: (text) => reading.#accept(text),
    }, { context, signal });
    reading.#connection = connection;
    void connection.ended.then(({ message }) => reading.#leave("failed", message));
    return reading;
  }

  /** `undefined` while the connection is good. */
  get left(): { readonly leaving: Leaving; readonly reason: string } | undefined {
    return this.#left;
  }

  /** When the server last said something, by the monotonic clock; at first, when it was connected to. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.[Symbol.asyncDispose]();
  }

  #accept(text: string): void {
    if (this.#left !== undefined) return;
    const { clock, log } = this.#context;
    this.#heardAtMs = clock.monotonic();
    try {
      this.#intake.accept(text, BigInt(Math.trunc(clock.now())) * 1_000n);
      this.#badFrames = 0;
    } catch (error) {
      if (!(error instanceof WavsError)) throw error;
      // Whatever is in it, nobody can act on it: the next message is as good as any.
      log.warn("Message of a Jetstream server left out", { cause: serializeError(error) });
      if (++this.#badFrames >= MAX_BAD_FRAMES) this.#leave("failed", `${MAX_BAD_FRAMES} messages in a row are no use`);
    }
    if (this.#intake.isFull) this.#leave("full", "it sends faster than events are recorded");
    if (this.#intake.hasEvents) this.#onNews();
  }

  #leave(leaving: Leaving, reason: string): void {
    this.#left ??= { leaving, reason };
    // What waits is handed over first; what the server would still send is asked for again.
    this.#connection?.close();
    this.#onNews();
  }
}
