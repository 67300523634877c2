import assert from "node:assert/strict";
import type { Clock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { MAX_UNINTERRUPTED_FUEL, TURN_MS } from "./limits.ts";
import { Budget } from "./mod.ts";

/** A clock that stands still until told otherwise. */
class ManualClock implements Clock {
  #ms = 0;
  readonly #sleepers = new Set<() => void>();

  now(): number {
    return this.#ms;
  }

  monotonic(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const due = this.#ms + ms;
    return new Promise((resolve) => {
      const wake = () => {
        if (this.#ms < due && signal?.aborted !== true) return;
        this.#sleepers.delete(wake);
        resolve();
      };
      this.#sleepers.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  advance(ms: number): void {
    this.#ms += ms;
    for (const wake of this.#sleepers) wake();
  }
}

function budget(timeoutMs = 100): { budget: Budget; clock: ManualClock } {
  const clock = new ManualClock();
  return { budget: new Budget({ fuel: 1_000_000n, timeoutMs }, { clock }), clock };
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => isWavsError(error, code);
}

function fuelCell(): WebAssembly.Global {
  return new WebAssembly.Global({ value: "i64", mutable: true }, 0n);
}

Deno.test("fuel is handed out in slices up to the limit, however many modules spend it", () => {
  const { budget: subject } = budget();
  const cells = [fuelCell(), fuelCell(), fuelCell()];
  for (const cell of cells) subject.addFuelCell(cell);
  let spent = 0n;
  const spend = (cell: WebAssembly.Global | undefined, fuel: bigint) => {
    assert.ok(cell !== undefined);
    cell.value = (cell.value as bigint) - fuel;
    spent += fuel;
    if ((cell.value as bigint) < 0n) subject.refill(cell);
    assert.equal(subject.used(), spent);
  };
  for (let i = 0; i < 10; i++) spend(cells[i % 3], 100_000n);
  assert.throws(() => spend(cells[0], 1n), hasCode("out_of_fuel"));
  assert.equal(subject.used(), 1_000_000n);
});

Deno.test("work that settles in time is answered", async () => {
  const { budget: subject } = budget();
  assert.equal(await subject.race(Promise.resolve(7)), 7);
  await assert.rejects(subject.race(Promise.reject(new Error("no"))), /no/);
});

Deno.test("waiting ends at the deadline", async () => {
  const { budget: subject, clock } = budget();
  const waiting = subject.race(new Promise(() => {}));
  clock.advance(100);
  await assert.rejects(waiting, hasCode("out_of_time"));
  assert.throws(() => subject.check(), hasCode("out_of_time"));
});

Deno.test("waiting ends when the execution is killed, and its signal tells others", async () => {
  const { budget: subject } = budget();
  const waiting = subject.race(new Promise(() => {}));
  subject.kill();
  await assert.rejects(waiting, hasCode("killed"));
  assert.ok(subject.signal.aborted);
  await assert.rejects(subject.race(Promise.reject(new Error("late"))), hasCode("killed"));
});

Deno.test("host work looks at the clock once in a while", () => {
  const { budget: subject, clock } = budget();
  clock.advance(100);
  subject.countHostWork(0);
  assert.throws(() => {
    for (let i = 0; i < 256; i++) subject.countHostWork(0);
  }, hasCode("out_of_time"));
});

Deno.test("a guest gives way once in a turn, and only where it can be suspended", async () => {
  const clock = new ManualClock();
  const subject = new Budget({ fuel: 10n ** 9n, timeoutMs: 1000 }, { clock });
  const cell = fuelCell();
  subject.addFuelCell(cell);
  const refill = () => {
    cell.value = -1n;
    return subject.refill(cell);
  };
  clock.advance(TURN_MS);
  assert.equal(refill(), false, "what calls it cannot wait");
  await subject.interruptible(() => {
    assert.equal(subject.uninterrupted(refill), false, "nor can the host while it calls back");
    assert.equal(refill(), true, "its turn is over");
    clock.advance(10 * TURN_MS);
    assert.equal(refill(), false, "it has a turn again, however long the others took");
    clock.advance(TURN_MS);
    assert.equal(refill(), true);
    return Promise.resolve();
  });
});

Deno.test("a guest that does little but call out is made to give way too", async () => {
  const { budget: subject, clock } = budget(1000);
  const cell = fuelCell();
  subject.addFuelCell(cell);
  cell.value = -1n;
  subject.refill(cell);
  await subject.interruptible(() => {
    clock.advance(TURN_MS);
    for (let calls = 0; calls < 1000; calls++) subject.countHostWork(0);
    return Promise.resolve();
  });
  assert.equal(cell.value, 0n, "the next look at its fuel finds none");
});

Deno.test("fuel spent where a guest cannot give way is bounded, and counted anew after a turn", async () => {
  const clock = new ManualClock();
  const subject = new Budget({ fuel: 10n * MAX_UNINTERRUPTED_FUEL, timeoutMs: 1000 }, { clock });
  const cell = fuelCell();
  subject.addFuelCell(cell);
  const spend = (fuel: bigint) => {
    cell.value = (cell.value as bigint) - fuel;
    return subject.refill(cell);
  };
  await subject.interruptible(() => {
    subject.uninterrupted(() => spend(MAX_UNINTERRUPTED_FUEL / 2n));
    clock.advance(TURN_MS);
    assert.equal(spend(1_000_000n), true);
    subject.uninterrupted(() => spend(MAX_UNINTERRUPTED_FUEL / 2n));
    assert.throws(() => subject.uninterrupted(() => spend(MAX_UNINTERRUPTED_FUEL)), hasCode("guest_trap"));
    return Promise.resolve();
  });
});

Deno.test("disposing aborts the signal", () => {
  const { budget: subject } = budget();
  const { signal } = subject;
  subject[Symbol.dispose]();
  assert.ok(signal.aborted);
});
