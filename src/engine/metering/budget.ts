import { type Clock, SETTLED } from "@/context/mod.ts";
import { WavsError } from "@/domain/errors.ts";
import {
  FUEL_SLICE,
  HOST_WORK_BYTES,
  HOST_WORK_PER_CHECK,
  MAX_SLEEP_MS,
  MAX_UNINTERRUPTED_FUEL,
  TURN_MS,
} from "./limits.ts";

export interface BudgetLimits {
  /** Operators the execution may run, instantiation included (spec/engine.md 3.1). */
  readonly fuel: bigint;
  /** Time from construction of the budget, waiting included (spec/engine.md 3.2). */
  readonly timeoutMs: number;
}

export interface BudgetModules {
  readonly clock: Clock;
  /** Shared with whoever may kill the execution: it stores a non-zero value at index 0. Looked at while guest code runs. */
  readonly killFlag?: Int32Array<SharedArrayBuffer>;
}

/**
 * What one execution may spend: fuel, time, and whether it is still wanted.
 *
 * Guest code counts a fuel cell down and calls {@link refill} below zero; host functions call {@link check}; whatever
 * waits does so in {@link race}. Each of the three ends the execution by throwing `out_of_fuel`, `out_of_time` or
 * `killed`, and once one has thrown all do: a budget does not recover.
 */
export class Budget implements Disposable {
  /** What is left of each core module's slice. */
  readonly #cells: WebAssembly.Global[] = [];
  readonly #limits: BudgetLimits;
  readonly #clock: Clock;
  readonly #killFlag: Int32Array | undefined;
  readonly #startedAtMs: number;
  #granted = 0n;
  #hostWork = 0;
  #turnStartedAtMs: number;
  #givesWay = false;
  /** Whether guest code runs that can be suspended. */
  #isInterruptible = false;
  /** Calls from the host into the guest that the host waits for without being able to suspend them. */
  #uninterrupted = 0;
  #uninterruptedFuel = 0n;
  #fault: WavsError | undefined;
  #ended: AbortController | undefined;

  constructor(limits: BudgetLimits, modules: BudgetModules) {
    this.#limits = limits;
    this.#clock = modules.clock;
    this.#killFlag = modules.killFlag;
    this.#startedAtMs = modules.clock.monotonic();
    this.#turnStartedAtMs = this.#startedAtMs;
  }

  /** Fuel spent so far; never more than the limit, although the last stretch may have gone past it. */
  used(): bigint {
    const spent = this.#cells.reduce((rest, cell) => rest - (cell.value as bigint), this.#granted);
    return spent < this.#limits.fuel ? spent : this.#limits.fuel;
  }

  elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedAtMs;
  }

  remainingMs(): number {
    return this.#limits.timeoutMs - this.elapsedMs();
  }

  /** Aborts with the fault when the execution ends for any reason, disposal included; host functions give it to what they wait for. */
  get signal(): AbortSignal {
    this.#ended ??= new AbortController();
    if (this.#fault !== undefined) this.#ended.abort(this.#fault);
    return this.#ended.signal;
  }

  /** Takes charge of a core module's fuel, which must be zero. */
  addFuelCell(cell: WebAssembly.Global): void {
    this.#cells.push(cell);
  }

  /** Gives a core module's fuel back when it has run to its end; what is left of it is not spent. */
  removeFuelCell(cell: WebAssembly.Global): void {
    const index = this.#cells.indexOf(cell);
    if (index < 0) return;
    this.#cells.splice(index, 1);
    this.#granted -= cell.value as bigint;
    cell.value = 0n;
  }

  /** Charges fuel for guest code that need not run again because what it did is already there. */
  spend(fuel: bigint): void {
    if (this.#ungranted < fuel) this.#reclaim();
    if (this.#ungranted < fuel) throw this.#fail(outOfFuel(this.#limits.fuel));
    this.#granted += fuel;
  }

  /**
   * Called by metered code when its slice is spent.
   *
   * @returns whether the guest is to give way to others now
   */
  refill(cell: WebAssembly.Global): boolean {
    this.check();
    const debt = -(cell.value as bigint);
    if (this.#ungranted < debt + FUEL_SLICE) this.#reclaim(cell);
    if (this.#ungranted < debt) throw this.#fail(outOfFuel(this.#limits.fuel));
    const wanted = debt + FUEL_SLICE;
    const grant = wanted < this.#ungranted ? wanted : this.#ungranted;
    this.#granted += grant;
    cell.value = grant - debt;
    if (this.#uninterrupted > 0) this.#countUninterrupted(grant);
    return this.#endsTurn();
  }

  /** Runs guest code that {@link refill} may tell to give way: what calls it must be able to wait for it. */
  async interruptible<T>(run: () => Promise<T>): Promise<T> {
    this.#isInterruptible = true;
    try {
      return await run();
    } finally {
      this.#isInterruptible = false;
    }
  }

  /** Runs guest code on behalf of host code that cannot be suspended. It must be short. */
  uninterrupted<T>(run: () => T): T {
    this.#uninterrupted++;
    try {
      return run();
    } finally {
      this.#uninterrupted--;
    }
  }

  #countUninterrupted(fuel: bigint): void {
    this.#uninterruptedFuel += fuel;
    if (this.#uninterruptedFuel > MAX_UNINTERRUPTED_FUEL) throw this.#fail(blocksOthers());
  }

  #endsTurn(): boolean {
    const nowMs = this.#clock.monotonic();
    if (this.#givesWay) {
      this.#givesWay = false;
      this.#turnStartedAtMs = nowMs;
    }
    if (!this.#mayGiveWay || nowMs - this.#turnStartedAtMs < TURN_MS) return false;
    this.#givesWay = true;
    this.#uninterruptedFuel = 0n;
    return true;
  }

  get #mayGiveWay(): boolean {
    return this.#isInterruptible && this.#uninterrupted === 0;
  }

  get #ungranted(): bigint {
    return this.#limits.fuel - this.#granted;
  }

  /** Near the limit, takes back what other modules have not spent. */
  #reclaim(except?: WebAssembly.Global): void {
    for (const cell of this.#cells) {
      const unspent = cell.value as bigint;
      if (cell === except || unspent <= 0n) continue;
      this.#granted -= unspent;
      cell.value = 0n;
    }
  }

  /** Throws when the execution must not go on. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#killFlag !== undefined && Atomics.load(this.#killFlag, 0) !== 0) throw this.#fail(killedError());
    if (this.remainingMs() <= 0) throw this.#fail(outOfTime(this.#limits.timeoutMs));
  }

  /** Notes one host call that copied `bytes`; looks at the clock once in a while, as {@link check} does every time. */
  countHostWork(bytes: number): void {
    this.#hostWork += 1 + bytes / HOST_WORK_BYTES;
    if (this.#hostWork < HOST_WORK_PER_CHECK) return;
    this.#hostWork = 0;
    this.check();
    // Calls out cost no fuel: a guest that does little else is made to ask for some, and so to give way.
    if (this.#isInterruptible && this.#clock.monotonic() - this.#turnStartedAtMs >= TURN_MS) this.#reclaim();
  }

  /** Ends the execution from this isolate, also while the guest waits; a busy guest is reached by the kill flag only. */
  kill(): void {
    this.#fail(killedError());
  }

  /** Waits for `work`, but no longer than the execution may last. */
  async race<T>(work: PromiseLike<T>): Promise<T> {
    // What is not waited for to its end must not surface as an unhandled rejection.
    work.then(undefined, () => {});
    this.check();
    const settled = new AbortController();
    const cut = new Promise<never>((_, reject) => {
      this.signal.addEventListener("abort", () => reject(this.#fault ?? killedError()), {
        once: true,
        signal: settled.signal,
      });
    });
    const timer = this.#failAtDeadline(settled.signal);
    try {
      const value = await Promise.race([work, cut]);
      this.check();
      return value;
    } finally {
      settled.abort(SETTLED);
      await timer;
    }
  }

  /** Cancels whatever still waits on {@link signal}; the execution is over. */
  [Symbol.dispose](): void {
    this.#ended?.abort(this.#fault ?? SETTLED);
  }

  /** Sleeps in steps, since a timer cannot be longer than {@link MAX_SLEEP_MS}. */
  async #failAtDeadline(settled: AbortSignal): Promise<void> {
    while (!settled.aborted) {
      const remainingMs = this.remainingMs();
      if (remainingMs <= 0) {
        this.#fail(outOfTime(this.#limits.timeoutMs));
        return;
      }
      await this.#clock.sleep(Math.min(remainingMs, MAX_SLEEP_MS), settled);
    }
  }

  #fail(fault: WavsError): WavsError {
    this.#fault ??= fault;
    this.#ended?.abort(this.#fault);
    return this.#fault;
  }
}

function outOfFuel(limit: bigint): WavsError {
  return new WavsError("out_of_fuel", {
    message: `The component used up its fuel limit of "${limit}"`,
    retryable: false,
    meta: { fuelLimit: limit },
  });
}

function outOfTime(limitMs: number): WavsError {
  return new WavsError("out_of_time", {
    message: `The component ran longer than its limit of "${limitMs}" ms`,
    retryable: true,
    meta: { timeoutMs: limitMs },
  });
}

function blocksOthers(): WavsError {
  return new WavsError("guest_trap", {
    message: "The component trapped: it computes too long in an allocator, destructor or post-return function",
    retryable: false,
    meta: { fuelLimit: MAX_UNINTERRUPTED_FUEL },
  });
}

function killedError(): WavsError {
  return new WavsError("killed", { message: "The execution was stopped by the node", retryable: true });
}
