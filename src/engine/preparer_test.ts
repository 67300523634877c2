import assert from "node:assert/strict";
import { type Clock, createContext, type KeptWorker, type Logger, systemClock } from "@/context/mod.ts";
import { Roster } from "@/link/mod.ts";
import { until } from "@tests/support/until.ts";
import { echoGuest } from "@tests/support/wat_guests.ts";
import { startPreparer } from "./preparer.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

/** To main a second is ten milliseconds. */
const HURRIED: Clock = {
  now: () => systemClock.now() * 100,
  monotonic: () => systemClock.monotonic() * 100,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
};

/** Knows who runs. */
class Watched extends Roster {
  readonly names: string[] = [];

  override add(worker: KeptWorker): () => void {
    this.names.push(worker.name);
    const leave = super.add(worker);
    return () => {
      this.names.splice(this.names.indexOf(worker.name), 1);
      leave();
    };
  }
}

Deno.test("the preparer is there while it is wanted, and again whenever it is", async () => {
  const bytes = await echoGuest();
  const workers = new Watched();
  const context = createContext({ log: SILENT, signal: new AbortController().signal, workers });
  using preparer = await startPreparer(
    { carrier: "worker", logLevel: "warn", runtime: "direct", maxMemoryBytes: 64 * 1024 * 1024 },
    { ...context, clock: HURRIED },
  );
  assert.deepEqual(workers.names, ["preparer"], "it was started ahead");
  await until("it has gone", () => Promise.resolve(workers.names.length === 0));
  for (let time = 0; time < 2; time++) {
    const both = await Promise.all([1, 2].map(() => preparer.prepare({ bytes })));
    assert.equal(both.length, 2);
    assert.deepEqual(workers.names, ["preparer"]);
    await until("it has gone", () => Promise.resolve(workers.names.length === 0));
  }
});
