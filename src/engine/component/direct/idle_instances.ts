import { MAX_IDLE_INSTANCES } from "../limits.ts";
import type { Linker } from "./linker.ts";
import { Snapshot } from "./snapshot.ts";

/** Core instances at rest, and the service they have served. */
interface Idle {
  readonly owner: string;
  readonly linker: Linker;
}

/** The first state of a component's core instances, and the fuel their start functions burnt on the way to it. */
interface FirstState {
  readonly snapshot: Snapshot;
  readonly fuel: bigint;
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
  #first: FirstState | "none" | undefined;
  #made = 0;

  constructor(isRestorable: boolean) {
    this.#isRestorable = isRestorable;
  }

  get size(): number {
    return this.#idle.length;
  }

  /** Core instances for another execution of `owner`, and the fuel it would have burnt to instantiate them. */
  take(owner: string | undefined): { readonly linker: Linker; readonly fuel: bigint } | undefined {
    const index = this.#idle.findLastIndex((each) => each.owner === owner);
    const [found] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (found === undefined || typeof this.#first !== "object") return undefined;
    return { linker: found.linker, fuel: this.#first.fuel };
  }

  /**
   * Learns the first state from an instance nothing but its start functions has run in yet. They must not have called
   * out: only then do they leave the same state every time, and nothing elsewhere. A component that runs once is not
   * worth it.
   */
  noteFresh(linker: Linker, fuel: bigint): void {
    if (!this.#isRestorable || this.#first !== undefined || ++this.#made < 2) return;
    const snapshot = linker.execution.isUsed ? undefined : Snapshot.take(linker.states);
    this.#first = snapshot === undefined ? "none" : { snapshot, fuel };
  }

  /** Takes back the instance of an execution that ended well. */
  give(owner: string | undefined, linker: Linker): void {
    linker.end();
    if (owner === undefined || typeof this.#first !== "object") return;
    if (!this.#first.snapshot.restore(linker.states)) return;
    if (this.#idle.length >= MAX_IDLE_INSTANCES) this.#idle.shift();
    this.#idle.push({ owner, linker });
  }
}
