/**
 * What it costs to find events: `deno task bench:triggers [--json] [--rounds 5] [--events 20000]`.
 *
 * A real anvil, and triggers and journal as in a node. Time spent waiting for the chain is left out and shown. The lower
 * bound is what nobody can do without: parsing the same answers and inserting rows of the same size.
 */
import { parseArgs } from "node:util";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "@/context/mod.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { newRegistryChannel, parseEvmAddress, type RegistrySnapshot } from "@/domain/mod.ts";
import { Journal } from "@/journal/mod.ts";
import { openDatabase } from "@/storage/mod.ts";
import { chainConfig, registryOf, watchedService } from "@/triggers/evm/testing/registry.ts";
import { type Cursor, runTriggersInThread, type SourceBatch } from "@/triggers/mod.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { LogSpammer, SPAM } from "@tests/support/log_spammer.ts";
import { machine } from "@tests/support/machine.ts";
import { until } from "@tests/support/until.ts";
import { median, round, spreadOf, Times } from "./rounds.ts";
import { SocketTimes, timeSockets } from "./timed_socket.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    events: { type: "string", default: "20000" },
  },
});
const rounds = Number(values.rounds);
const events = Number(values.events);

const LOGS_PER_BLOCK = 500;
const LIVE_EVENTS = 100;
const BUSY_MS = 2_000;

const sockets = new SocketTimes();
timeSockets(sockets);
await using anvil = await startAnvil();
const spammer = await LogSpammer.deploy(anvil);
const registry: RegistrySnapshot = {
  ...registryOf([watchedService(1, [{ address: parseEvmAddress(spammer.contract), eventHash: SPAM }])]),
  chains: [chainConfig({ wsEndpoints: [anvil.wsUrl] })],
};

/** Triggers with a journal of their own, from a cursor on. */
async function follow(from: Cursor | undefined, onRecorded: (batch: SourceBatch) => void) {
  const directory = await Deno.makeTempDir();
  const database = openDatabase({ path: `${directory}/wavs.sqlite`, durability: "process" });
  const journal = new Journal({ database, clock: systemClock });
  const triggers = await runTriggersInThread({
    missed: "fire_all",
    registryChannel: newRegistryChannel(),
    jetstream: { endpoints: [], maxMessageBytes: 0 },
  }, {
    context: testContext(),
    handlers: {
      deliver: (batch) => {
        journal.recordBatch(batch);
        onRecorded(batch);
      },
      cursor: (source) => (journal.cursor(source) as Cursor | undefined) ?? from,
      recordedBlocks: (range) => journal.events.blocksAbove(range),
      registry: () => registry,
    },
  });
  return {
    triggers,
    cursor: () => journal.cursor("evm:31337") as Cursor,
    [Symbol.asyncDispose]: async () => {
      await triggers.close();
      database[Symbol.dispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function startCursor(): Promise<Cursor> {
  await using running = await follow(undefined, () => {});
  await running.triggers.api.settled(1);
  return await until("there is a position", () => running.cursor());
}

interface Backfill {
  readonly perSecond: number;
  readonly rpcMs: number;
  readonly ownMs: number;
}

async function backfill(from: Cursor): Promise<Backfill> {
  let recorded = 0;
  const done = Promise.withResolvers<number>();
  sockets.reset();
  const before = performance.now();
  await using _running = await follow(from, (batch) => {
    recorded += batch.events.length;
    if (recorded >= events) done.resolve(performance.now());
  });
  const totalMs = await done.promise - before;
  const ownMs = totalMs - sockets.waitedMs;
  return { perSecond: recorded / ownMs * 1_000, rpcMs: sockets.waitedMs, ownMs };
}

/** Parses the answers of the last backfill and inserts as many rows as it did, of the same size. */
function lowerBound(): number {
  const directory = Deno.makeTempDirSync();
  const raw = new DatabaseSync(`${directory}/bound.sqlite`);
  try {
    raw.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    raw.exec("CREATE TABLE events (id INTEGER PRIMARY KEY, identity TEXT UNIQUE, data TEXT) STRICT");
    const insert = raw.prepare("INSERT INTO events (identity, data) VALUES (?, ?)");
    const data = "x".repeat(900);
    const before = performance.now();
    let inserted = 0;
    for (const answer of sockets.answers) JSON.parse(answer);
    while (inserted < events) {
      raw.exec("BEGIN");
      for (let row = 0; row < LOGS_PER_BLOCK && inserted < events; row++) insert.run(`event ${inserted++}`, data);
      raw.exec("COMMIT");
    }
    return events / (performance.now() - before) * 1_000;
  } finally {
    raw.close();
    Deno.removeSync(directory, { recursive: true });
  }
}

/** From the announcement of a block with one log to its event in the journal. */
async function live() {
  const [announced, sent] = [new Times(), new Times()];
  let recorded = Promise.withResolvers<void>();
  await using running = await follow(undefined, (batch) => {
    if (batch.events.length > 0) recorded.resolve();
  });
  await running.triggers.api.settled(1);
  await until("there is a position", () => running.cursor());
  for (let round = 0; round <= rounds; round++) {
    announced.startRound();
    sent.startRound();
    for (let event = 0; event < LIVE_EVENTS / 5; event++) {
      recorded = Promise.withResolvers();
      sockets.firstAnnouncedAt = undefined;
      const before = performance.now();
      const emitted = spammer.emit();
      await recorded.promise;
      const after = performance.now();
      await emitted;
      // The first round warms up.
      if (round === 0) continue;
      sent.add((after - before) * 1_000);
      announced.add((after - (sockets.firstAnnouncedAt ?? after)) * 1_000);
    }
  }
  return {
    announcedToJournalP50Us: announced.percentile(50),
    announcedToJournalP99Us: announced.percentile(99),
    sentToJournalP50Us: sent.percentile(50),
    sentToJournalP99Us: sent.percentile(99),
  };
}

/** How many events a second are recorded while a chain makes blocks as fast as it can. */
async function sustained(): Promise<number> {
  let recorded = 0;
  await using running = await follow(undefined, (batch) => void (recorded += batch.events.length));
  await running.triggers.api.settled(1);
  await until("there is a position", () => running.cursor());
  let emitted = 0;
  const before = performance.now();
  while (performance.now() - before < BUSY_MS) {
    await spammer.emit(LOGS_PER_BLOCK);
    emitted += LOGS_PER_BLOCK;
  }
  await until("all is recorded", () => recorded >= emitted);
  return recorded / (performance.now() - before) * 1_000;
}

const from = await startCursor();
for (let emitted = 0; emitted < events; emitted += LOGS_PER_BLOCK) await spammer.emit(LOGS_PER_BLOCK);

await backfill(from);
const measured: Backfill[] = [];
const bounds: number[] = [];
for (let round = 0; round < rounds; round++) {
  measured.push(await backfill(from));
  bounds.push(lowerBound());
}
const perSecond = measured.map((each) => each.perSecond);
const result = {
  backfillEvents: events,
  backfillEventsPerSecond: median(perSecond),
  backfillSpread: spreadOf(perSecond),
  backfillRpcMs: median(measured.map(({ rpcMs }) => rpcMs)),
  backfillOwnMs: median(measured.map(({ ownMs }) => ownMs)),
  lowerBoundEventsPerSecond: median(bounds),
  ratioToLowerBound: round(median(bounds) / median(perSecond)),
  ...await live(),
  sustainedEventsPerSecond: round(await sustained()),
};
const where = await machine();
const report = values.json ? JSON.stringify({ bench: "triggers", machine: where, rounds, ...result }, undefined, 2) : [
  `${where.cpu}, ${where.cores} cores, Deno ${where.deno}`,
  ...Object.entries(result).map(([name, value]) =>
    name.padEnd(28) + (typeof value === "number" ? value : value.join(" – "))
  ),
].join("\n");
await Deno.stdout.write(new TextEncoder().encode(`${report}\n`));
