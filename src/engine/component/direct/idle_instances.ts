import { MAX_IDLE_INSTANCES } from "../limits.ts";
import type { Linker } from "./linker.ts";
import { Snapshot } from "./snapshot.ts";

/** Core instances at rest, and the service they have served. */
interface Idle {
  readonly owner: string;
  readonly linker: Linker;
}

/**
 * Core instances of one component between two executions of the same service, every one of them in the state
 * instantiation left it in.
 *
 * Putting an instance back costs a copy of its first memory, a tenth of a new instance. It is done only where nothing
 * else can have changed: see `MeteredModule.isRestorable`. One that trapped, was cut off, or grew its memory is let go,
 * and none ever serves another service: should the copy ever miss something, it stays with whom it belongs to.
 */
export class IdleInstances {
  readonly #isRestorable: boolean;
  /** The one that has rested longest first. */
  readonly #idle: Idle[] = [];
  #snapshot: Snapshot | "too large" | undefined;
  #made = 0;

  constructor(isRestorable: boolean) {
    this.#isRestorable = isRestorable;
  }

  get size(): number {
    return this.#idle.length;
  }

  take(owner: string | undefined): Linker | undefined {
    const index = this.#idle.findLastIndex((each) => each.owner === owner);
    return index < 0 ? undefined : this.#idle.splice(index, 1)[0]?.linker;
  }

  /** Learns the first state from an instance nothing has run in yet. A component that runs once is not worth it. */
  noteFresh(linker: Linker): void {
    if (!this.#isRestorable || this.#snapshot !== undefined || ++this.#made < 2) return;
    this.#snapshot = Snapshot.take(linker.states) ?? "too large";
  }

  /** Takes back the instance of an execution that ended well. */
  give(owner: string | undefined, linker: Linker): void {
    linker.end();
    if (owner === undefined || !(this.#snapshot instanceof Snapshot)) return;
    if (!this.#snapshot.restore(linker.states)) return;
    if (this.#idle.length >= MAX_IDLE_INSTANCES) this.#idle.shift();
    this.#idle.push({ owner, linker });
  }
}
