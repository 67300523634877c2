import { MAX_IDLE_INSTANCES } from "../limits.ts";
import type { Linker } from "./linker.ts";
import { Snapshot } from "./snapshot.ts";

/**
 * Core instances of one component between two executions, every one of them in the state instantiation left it in.
 *
 * Putting an instance back costs a copy of its first memory, a tenth of a new instance. It is done only where nothing
 * else can have changed: see `MeteredModule.isRestorable`. One that trapped, was cut off, or grew its memory is let go.
 */
export class IdleInstances {
  readonly #isRestorable: boolean;
  readonly #idle: Linker[] = [];
  #snapshot: Snapshot | "too large" | undefined;
  #made = 0;

  constructor(isRestorable: boolean) {
    this.#isRestorable = isRestorable;
  }

  get size(): number {
    return this.#idle.length;
  }

  take(): Linker | undefined {
    return this.#idle.pop();
  }

  /** Learns the first state from an instance nothing has run in yet. A component that runs once is not worth it. */
  noteFresh(linker: Linker): void {
    if (!this.#isRestorable || this.#snapshot !== undefined || ++this.#made < 2) return;
    this.#snapshot = Snapshot.take(linker.states) ?? "too large";
  }

  /** Takes back the instance of an execution that ended well. */
  give(linker: Linker): void {
    linker.end();
    if (!(this.#snapshot instanceof Snapshot) || this.#idle.length >= MAX_IDLE_INSTANCES) return;
    if (this.#snapshot.restore(linker.states)) this.#idle.push(linker);
  }
}
