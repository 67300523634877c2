import { type Clock, SETTLED } from "@/context/mod.ts";
import type { HttpExchange } from "../wasi/http_backend.ts";
import { httpError } from "./errors.ts";
import { MAX_EXCHANGE_IDLE_MS, MAX_REQUESTS_PER_EXECUTION, MAX_REQUESTS_PER_WORKER } from "./limits.ts";

interface OpenExchange {
  readonly job: number;
  readonly exchange: HttpExchange;
  /** Calls under way; an exchange is idle at zero. */
  calls: number;
  idle: AbortController;
}

/** The requests one component worker has open, each named by a number. */
export class OpenExchanges implements Disposable {
  readonly #clock: Clock;
  readonly #open = new Map<number, OpenExchange>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Opens one more for an execution.
   *
   * @throws WavsError `http_error` `connection-limit-reached`, `internal-error` when the number is taken, or what `open`
   * throws
   */
  add(id: number, job: number, open: () => HttpExchange): void {
    if (this.#open.has(id)) throw httpError("internal-error", `exchange ${id} is open already`);
    let own = 0;
    for (const entry of this.#open.values()) if (entry.job === job) own++;
    if (own >= MAX_REQUESTS_PER_EXECUTION) throw limitReached(MAX_REQUESTS_PER_EXECUTION, "execution");
    if (this.#open.size >= MAX_REQUESTS_PER_WORKER) throw limitReached(MAX_REQUESTS_PER_WORKER, "worker");
    this.#open.set(id, { job, exchange: open(), calls: 0, idle: new AbortController() });
    this.#watchIdle(id);
  }

  /**
   * Runs one call on an exchange, which is not idle meanwhile. A failure leaves it open: a server may refuse the rest of
   * a body and answer all the same.
   *
   * @throws WavsError `http_error` `connection-terminated` when it is over, or what `work` throws
   */
  async use<T>(id: number, work: (exchange: HttpExchange) => Promise<T>): Promise<T> {
    const entry = this.#open.get(id);
    if (entry === undefined) throw httpError("connection-terminated", `exchange ${id} is over`);
    entry.calls++;
    entry.idle.abort(SETTLED);
    try {
      return await work(entry.exchange);
    } finally {
      if (--entry.calls === 0) this.#watchIdle(id);
    }
  }

  /** Like {@link use}, for the answer: once that has failed nothing more can come, so the exchange is over. */
  async receive<T>(id: number, work: (exchange: HttpExchange) => Promise<T>): Promise<T> {
    try {
      return await this.use(id, work);
    } catch (error) {
      this.cancel(id);
      throw error;
    }
  }

  /** Closes the connection; does nothing when the exchange is over. */
  cancel(id: number): void {
    const entry = this.#open.get(id);
    this.#open.delete(id);
    entry?.idle.abort(SETTLED);
    entry?.exchange.cancel();
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#open.keys()]) this.cancel(id);
  }

  #watchIdle(id: number): void {
    const entry = this.#open.get(id);
    if (entry === undefined) return;
    const idle = new AbortController();
    entry.idle = idle;
    void this.#clock.sleep(MAX_EXCHANGE_IDLE_MS, idle.signal).then(() => {
      if (!idle.signal.aborted) this.cancel(id);
    });
  }
}

function limitReached(limit: number, holder: "execution" | "worker"): ReturnType<typeof httpError> {
  return httpError("connection-limit-reached", `this ${holder} has ${limit} requests open already`);
}
