import { systemClock } from "@/context/mod.ts";
import { type TestContext, testContext } from "@/chains/evm/testing/context.ts";
import { newRegistryChannel, type RegistrySnapshot } from "@/domain/mod.ts";
import { Journal } from "@/journal/mod.ts";
import { type Database, openDatabase } from "@/storage/mod.ts";
import { type Cursor, startTriggers, type Triggers } from "@/triggers/mod.ts";

/** What is recorded of a trigger that fired. */
export interface RecordedEvent {
  readonly identity: string;
  readonly state: string;
}

/** The triggers in their worker and the journal on disk, as in a node, without what comes after them. */
export class TriggersOnDisk implements AsyncDisposable {
  readonly context: TestContext = testContext();
  readonly #path: string;
  readonly #registry: RegistrySnapshot;
  #running: { readonly database: Database; readonly triggers: Triggers } | undefined;
  /** Events of batches that were recorded already. */
  duplicates = 0;

  private constructor(path: string, registry: RegistrySnapshot) {
    this.#path = path;
    this.#registry = registry;
  }

  static async start(registry: RegistrySnapshot): Promise<TriggersOnDisk> {
    const onDisk = new TriggersOnDisk(await Deno.makeTempDir({ prefix: "wavs-triggers-" }), registry);
    await onDisk.resume();
    return onDisk;
  }

  /** Starts again from what is on disk; resolves once every source acts on the registry. */
  async resume(): Promise<void> {
    const database = openDatabase({ path: `${this.#path}/wavs.sqlite`, durability: "process" });
    const journal = new Journal({ database, clock: systemClock });
    const triggers = await startTriggers({
      logLevel: "warn",
      registryChannel: newRegistryChannel(),
      missed: "fire_all",
      jetstream: { endpoints: [], maxMessageBytes: 0 },
      chains: () => this.#registry.chains,
      registry: () => this.#registry,
      feeds: { directory: `${this.#path}/hypercore`, bootstrap: [], allowPrivateNetworks: false },
    }, {
      context: this.context,
      handlers: {
        deliver: (batch) => {
          this.duplicates += journal.recordBatch(batch).duplicates;
        },
        cursor: (source) => journal.cursor(source) as Cursor | undefined,
        recordedBlocks: (range) => journal.events.blocksAbove(range),
        registry: () => this.#registry,
      },
    });
    this.#running = { database, triggers };
    await triggers.api.settled(this.#registry.revision);
  }

  /** Ends worker and database without a word, as a killed process would. */
  kill(): Promise<void> {
    return this.#close();
  }

  get events(): readonly RecordedEvent[] {
    return this.#database.sql("SELECT identity, state FROM events ORDER BY id").all().map((row) => ({
      identity: String(row.identity),
      state: String(row.state),
    }));
  }

  count(): number {
    const row = this.#database.sql("SELECT count(*) AS events FROM events WHERE state <> 'orphaned'").get();
    return Number(row?.events);
  }

  /** Identities of what fired and was not withdrawn, sorted. */
  get standing(): readonly string[] {
    return this.events.filter(({ state }) => state !== "orphaned").map(({ identity }) => identity).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await Deno.remove(this.#path, { recursive: true });
  }

  /** What the sources say of themselves. */
  async health(): Promise<string> {
    const health = await this.#running?.triggers.api.health(undefined);
    return JSON.stringify(health, (_key, value) => typeof value === "bigint" ? String(value) : value);
  }

  get #database(): Database {
    if (this.#running === undefined) throw new Error("the triggers do not run");
    return this.#running.database;
  }

  async #close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.triggers.close();
    running?.database[Symbol.dispose]();
  }
}
