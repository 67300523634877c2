import assert from "node:assert/strict";
import type { Cursor, DetectedEvent, ServiceUriChange, SourceBatch, TriggerSource } from "../types.ts";

/** How long a test waits for what must happen. */
const PATIENCE_MS = 20_000;

/** Takes what a source finds, as main would: the cursor counts once the batch is taken. */
export class Collector implements AsyncDisposable {
  readonly batches: SourceBatch[] = [];
  cursor: Cursor | undefined;
  readonly #source: TriggerSource;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #gate: Promise<void> = Promise.resolve();

  constructor(source: TriggerSource, from?: Cursor) {
    this.#source = source;
    this.cursor = from;
    this.#running = this.#take(from);
  }

  get events(): readonly DetectedEvent[] {
    return this.batches.flatMap(({ events }) => events);
  }

  get uriChanges(): readonly ServiceUriChange[] {
    return this.batches.flatMap(({ uriChanges }) => uriChanges);
  }

  get orphaned(): readonly string[] {
    return this.batches.flatMap(({ orphanedBlocks }) => orphanedBlocks.map(({ hash }) => hash));
  }

  /** Identities of the events delivered and not withdrawn after that, sorted. */
  get standing(): readonly string[] {
    const standing = new Map<string, string>();
    for (const { events, orphanedBlocks } of this.batches) {
      const gone = new Set(orphanedBlocks.map(({ hash }) => String(hash)));
      for (const [identity, hash] of standing) if (gone.has(hash)) standing.delete(identity);
      for (const { identity, block } of events) standing.set(identity, block?.hash ?? "");
    }
    return [...standing.keys()].sort();
  }

  /** Takes no batch until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  /** Waits until `condition` holds; it is looked at after every batch. */
  async until(what: string, condition: () => boolean): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const { lastError } = this.#source.health();
        reject(new Error(`waited in vain until ${what}; ${this.events.length} events, last error: ${lastError}`));
      }, PATIENCE_MS);
    });
    try {
      while (!condition()) await Promise.race([this.#changed.promise, overdue]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for exactly `count` events without a double, and shows that no more come with the next `settle`. */
  async expectEvents(count: number): Promise<void> {
    await this.until(`there are ${count} events`, () => this.events.length >= count);
    assert.equal(this.events.length, count);
    const keys = this.events.map(({ serviceId, workflowId, identity }) => `${serviceId}/${workflowId}/${identity}`);
    assert.equal(new Set(keys).size, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#source[Symbol.asyncDispose]();
  }

  async #take(from: Cursor | undefined): Promise<void> {
    for await (const batch of this.#source.batches(from, this.#stopping.signal)) {
      await this.#gate;
      this.batches.push(batch);
      this.cursor = batch.cursor;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }
}
