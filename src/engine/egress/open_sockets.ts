import type { Clock } from "@/context/mod.ts";
import { socketError } from "../wasi/network_errors.ts";
import { MAX_OPEN_SOCKETS_PER_EXECUTION, MAX_SOCKET_LINGER_MS, MAX_SOCKETS_PER_WORKER } from "./limits.ts";

interface Closable {
  close(): void;
}

interface Slot {
  readonly job: number;
  /** Aborts what opens it, when its execution ends meanwhile. */
  readonly ended: AbortController;
  socket: Closable | undefined;
  /** Nobody calls for it any more; it is sending its last bytes. */
  isLingering: boolean;
}

/** The sockets one component worker has open, each named by a number, and those about to open. */
export class OpenSockets implements Disposable {
  readonly #clock: Clock;
  readonly #slots = new Map<number, Slot>();
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#slots.size;
  }

  /**
   * Opens one more for an execution and names it. It is counted from the beginning.
   *
   * @throws WavsError `socket_error`: `new-socket-limit`, `connection-aborted` when the execution ended meanwhile, or
   * what `open` throws
   */
  async open<T extends Closable>(
    job: number,
    open: (ended: AbortSignal) => Promise<T>,
  ): Promise<{ readonly id: number; readonly socket: T }> {
    const slot = this.#addSlot(job);
    const id = this.#nextId++;
    this.#slots.set(id, slot);
    try {
      const socket = await open(slot.ended.signal);
      slot.socket = socket;
      if (slot.ended.signal.aborted) {
        socket.close();
        throw socketError("connection-aborted", "the execution has ended");
      }
      return { id, socket };
    } catch (error) {
      this.#slots.delete(id);
      throw error;
    }
  }

  /** @throws WavsError `socket_error` `invalid-state` when there is no such socket (any more) */
  get<T extends Closable>(id: number, kind: abstract new (...args: never[]) => T): T {
    const slot = this.#slots.get(id);
    if (!(slot?.socket instanceof kind) || slot.isLingering) {
      throw socketError("invalid-state", `socket ${id} is not open`);
    }
    return slot.socket;
  }

  /** The execution a socket belongs to. @throws WavsError `socket_error` `invalid-state` */
  jobOf(id: number): number {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw socketError("invalid-state", `socket ${id} is not open`);
    return slot.job;
  }

  /** Closes a socket once `last` is done with it, or has taken too long. */
  async close(id: number, last: (socket: Closable) => Promise<void>): Promise<void> {
    const slot = this.#slots.get(id);
    if (slot?.socket === undefined || slot.isLingering) return;
    slot.isLingering = true;
    const done = new AbortController();
    const late = this.#clock.sleep(MAX_SOCKET_LINGER_MS, done.signal);
    try {
      await Promise.race([last(slot.socket), late]);
    } finally {
      done.abort();
      this.#end(id, slot);
    }
  }

  /** Closes what an execution left open. */
  endJob(job: number): void {
    for (const [id, slot] of this.#slots) if (slot.job === job && !slot.isLingering) this.#end(id, slot);
  }

  [Symbol.dispose](): void {
    for (const [id, slot] of this.#slots) this.#end(id, slot);
  }

  #addSlot(job: number): Slot {
    let own = 0;
    for (const slot of this.#slots.values()) if (slot.job === job) own++;
    if (own >= MAX_OPEN_SOCKETS_PER_EXECUTION) throw limitReached(MAX_OPEN_SOCKETS_PER_EXECUTION, "execution");
    if (this.#slots.size >= MAX_SOCKETS_PER_WORKER) throw limitReached(MAX_SOCKETS_PER_WORKER, "worker");
    return { job, ended: new AbortController(), socket: undefined, isLingering: false };
  }

  #end(id: number, slot: Slot): void {
    slot.ended.abort();
    slot.socket?.close();
    // What is still opening keeps its place until that is over.
    if (slot.socket !== undefined) this.#slots.delete(id);
  }
}

function limitReached(limit: number, holder: "execution" | "worker"): ReturnType<typeof socketError> {
  return socketError("new-socket-limit", `this ${holder} has ${limit} sockets open already`);
}
