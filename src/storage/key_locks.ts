import { WavsError } from "@/domain/errors.ts";

/** Whoever may hold locks; compared by identity. */
export interface LockOwner {
  readonly name: string;
}

interface Waiter {
  readonly owner: LockOwner;
  readonly granted: () => void;
  readonly refused: (error: WavsError) => void;
}

interface Lock {
  holder: LockOwner;
  /** Served in this order. */
  readonly queue: Waiter[];
}

/**
 * Exclusive locks on names, kept until their owner lets go of all of them at once. An owner waits for one lock at a
 * time; a wait that could never end, since those it waits for wait for it, is refused instead of begun.
 */
export class KeyLocks {
  readonly #locks = new Map<string, Lock>();
  readonly #held = new Map<LockOwner, Set<string>>();
  /** What each owner waits for. */
  readonly #awaited = new Map<LockOwner, string>();

  /**
   * Takes the lock at once (`undefined`), or answers when it will be had.
   *
   * @throws WavsError (also by the promise) `key_value_conflict`, which is retryable
   */
  acquire(owner: LockOwner, name: string): Promise<void> | undefined {
    const lock = this.#locks.get(name);
    if (lock === undefined) {
      this.#locks.set(name, { holder: owner, queue: [] });
      this.#note(owner, name);
      return undefined;
    }
    if (lock.holder === owner) return undefined;
    if (this.#awaited.has(owner)) throw conflict("it waits for another key already");
    this.#awaited.set(owner, name);
    if (this.#waitsForItself(owner)) {
      this.#awaited.delete(owner);
      throw conflict("it and another execution wait for keys the other has written");
    }
    return new Promise((resolve, reject) => lock.queue.push({ owner, granted: resolve, refused: reject }));
  }

  isWaiting(owner: LockOwner): boolean {
    return this.#awaited.has(owner);
  }

  /** Lets go of everything, waiting included; each lock goes to whoever has waited for it longest. */
  release(owner: LockOwner): void {
    this.#leaveQueue(owner);
    for (const name of this.#held.get(owner) ?? []) this.#passOn(name);
    this.#held.delete(owner);
  }

  get size(): number {
    return this.#locks.size;
  }

  #leaveQueue(owner: LockOwner): void {
    const name = this.#awaited.get(owner);
    if (name === undefined) return;
    this.#awaited.delete(owner);
    const queue = this.#locks.get(name)?.queue ?? [];
    const place = queue.findIndex((waiter) => waiter.owner === owner);
    if (place >= 0) queue.splice(place, 1)[0]?.refused(conflict("it ended while it waited"));
  }

  #passOn(name: string): void {
    const lock = this.#locks.get(name);
    const next = lock?.queue.shift();
    if (lock === undefined || next === undefined) {
      this.#locks.delete(name);
      return;
    }
    lock.holder = next.owner;
    this.#awaited.delete(next.owner);
    this.#note(next.owner, name);
    next.granted();
  }

  #note(owner: LockOwner, name: string): void {
    const held = this.#held.get(owner);
    if (held === undefined) this.#held.set(owner, new Set([name]));
    else held.add(name);
  }

  /** Follows who waits for whom; a queue is waited for as its lock's holder is, since it is served first. */
  #waitsForItself(owner: LockOwner): boolean {
    const seen = new Set<LockOwner>();
    const open = this.#blockersOf(owner);
    for (let other = open.pop(); other !== undefined; other = open.pop()) {
      if (other === owner) return true;
      if (seen.has(other)) continue;
      seen.add(other);
      open.push(...this.#blockersOf(other));
    }
    return false;
  }

  #blockersOf(owner: LockOwner): LockOwner[] {
    const lock = this.#locks.get(this.#awaited.get(owner) ?? "");
    if (lock === undefined || !this.#awaited.has(owner)) return [];
    const place = lock.queue.findIndex((waiter) => waiter.owner === owner);
    const ahead = place < 0 ? lock.queue : lock.queue.slice(0, place);
    return [lock.holder, ...ahead.map((waiter) => waiter.owner)];
  }
}

function conflict(why: string): WavsError {
  return new WavsError("key_value_conflict", {
    message: `The execution was ended because ${why}; it is tried again`,
    retryable: true,
  });
}
