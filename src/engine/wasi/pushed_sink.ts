import type { IoError } from "./error.ts";
import { Wakers } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import type { ByteSink } from "./streams.ts";

export interface PushedSinkOptions {
  /** The most bytes that wait to be taken over. */
  readonly maxBytes: () => number;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly errorOf: (error: unknown) => IoError;
}

/** A sink that keeps what the guest wrote, bounded, until its destination has taken it over. */
export class PushedSink implements ByteSink {
  readonly #options: PushedSinkOptions;
  readonly #scope: GuestScope;
  readonly #wakers = new Wakers();
  readonly #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #failure: IoError | undefined;
  #onDrained: (() => void) | undefined;
  #isEnded = false;
  #isPumping = false;

  constructor(options: PushedSinkOptions, scope: GuestScope) {
    this.#options = options;
    this.#scope = scope;
  }

  ready(): boolean {
    return this.#failure !== undefined || this.#isEnded || this.#unsentBytes < this.#options.maxBytes();
  }

  onReady(wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  capacity(): number | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#isEnded ? undefined : Math.max(0, this.#options.maxBytes() - this.#unsentBytes);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#scope.reserve(bytes.length);
    this.#unsent.push(bytes.slice());
    this.#unsentBytes += bytes.length;
    void this.#pump();
  }

  flushed(): boolean {
    return this.#unsentBytes === 0 || this.#failure !== undefined;
  }

  /** Takes no more; `onDrained` is called once everything has been taken over. */
  end(onDrained: () => void): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onDrained = onDrained;
    this.#wakers.wake();
    void this.#pump();
  }

  /** What has not been handed on yet; whoever takes it sends it. */
  takeUnsent(): readonly Uint8Array[] {
    this.#isEnded = true;
    this.#scope.release(this.#unsentBytes);
    this.#unsentBytes = 0;
    return this.#unsent.splice(0);
  }

  close(): void {}

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let chunk = this.#unsent.shift(); chunk !== undefined; chunk = this.#unsent.shift()) {
        await this.#options.write(chunk);
        this.#release(chunk.length);
      }
      const onDrained = this.#onDrained;
      this.#onDrained = undefined;
      onDrained?.();
    } catch (error) {
      this.#failure = this.#options.errorOf(error);
      this.takeUnsent();
    } finally {
      this.#isPumping = false;
      this.#wakers.wake();
    }
  }

  #release(bytes: number): void {
    const released = Math.min(bytes, this.#unsentBytes);
    this.#unsentBytes -= released;
    this.#scope.release(released);
    this.#wakers.wake();
  }
}
