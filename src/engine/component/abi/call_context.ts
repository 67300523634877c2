import type { Budget } from "@/engine/metering/mod.ts";
import type { StringEncoding } from "../binary/ast.ts";
import { Trap } from "../errors.ts";
import type { ComponentInstanceIndex, Resource, ResourceIndex } from "../plan/types.ts";
import type { BorrowScope, Handle, HandleTable } from "./handle_table.ts";

/** Flags of one component instance (component model, canonical ABI). */
export interface InstanceFlags {
  /** False while the guest runs realloc or post-return, from which it may not call out. */
  mayLeave: boolean;
  /** False while a call is inside, and for ever after a trap. */
  mayEnter: boolean;
}

/** What all conversions on behalf of one component instance share. */
export interface ComponentInstanceState {
  readonly index: ComponentInstanceIndex;
  readonly handles: HandleTable;
  readonly flags: InstanceFlags;
  readonly resources: readonly Resource[];
  readonly budget: Budget;
  readonly maxLiftedBytes: number;
}

export interface CanonicalMemory {
  readonly encoding: StringEncoding;
  readonly memory: WebAssembly.Memory | undefined;
  readonly realloc: ReallocFunction | undefined;
}

export type ReallocFunction = (oldAddress: number, oldBytes: number, align: number, newBytes: number) => number;

const NO_MEMORY = new ArrayBuffer(0);

/**
 * One lifted or lowered function at work: its view of guest memory, the handles lent and borrowed, the bytes copied.
 * Reused from call to call, since an instance runs one call of a function at a time.
 */
export class CallContext {
  readonly encoding: StringEncoding;
  readonly instance: ComponentInstanceState;
  bytes: Uint8Array = new Uint8Array(NO_MEMORY);
  view: DataView = new DataView(NO_MEMORY);
  readonly #memory: WebAssembly.Memory | undefined;
  readonly #realloc: ReallocFunction | undefined;
  #liftedBytes = 0;
  #lent: Handle[] = [];
  #borrowScope: BorrowScope | undefined;

  constructor(canonical: CanonicalMemory, instance: ComponentInstanceState) {
    this.encoding = canonical.encoding;
    this.instance = instance;
    this.#memory = canonical.memory;
    this.#realloc = canonical.realloc;
  }

  /** Must be called after guest code ran: growing a memory detaches its old buffer. */
  refresh(): void {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || this.bytes.buffer === buffer) return;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /** Traps unless `length` bytes at `address` are memory and `address` is a multiple of `align`. */
  checkRange(address: number, length: number, align: number): void {
    if (address % align !== 0) throw new Trap("unaligned pointer");
    if (address + length > this.bytes.length) throw new Trap("pointer out of bounds of memory");
  }

  /** Asks the guest for memory. */
  allocate(length: number, align: number): number {
    if (this.#realloc === undefined) throw new Trap("a value needs memory but the function has no realloc");
    const address = this.#realloc(0, 0, align, length) >>> 0;
    this.refresh();
    this.checkRange(address, length, align);
    // What is about to be copied in takes time as what is copied out does.
    this.instance.budget.countHostWork(length);
    return address;
  }

  /** Notes that `bytes` are about to be copied out of the guest. */
  countLifted(bytes: number): void {
    this.#liftedBytes += bytes;
    if (this.#liftedBytes > this.instance.maxLiftedBytes) {
      throw new Trap(`one call copies more than ${this.instance.maxLiftedBytes} bytes out of the guest`);
    }
  }

  /** Tells the budget what was copied since the last time, and starts counting anew. */
  settleLifted(): void {
    this.instance.budget.countHostWork(this.#liftedBytes);
    this.#liftedBytes = 0;
  }

  ownsResource(resource: ResourceIndex): boolean {
    const owner = this.instance.resources[resource]?.owner;
    return owner?.kind === "guest" && owner.instance === this.instance.index;
  }

  /** Keeps an owned handle in place until the call it is lent to is over. */
  lend(handle: Handle): void {
    handle.lends++;
    this.#lent.push(handle);
  }

  releaseLent(): void {
    for (const handle of this.#lent) handle.lends--;
    this.#lent = [];
  }

  get borrowScope(): BorrowScope {
    return this.#borrowScope ??= { borrows: 0 };
  }

  /** Ends a call of the guest: what it was lent it must have dropped. */
  closeBorrows(): void {
    if (this.#borrowScope !== undefined && this.#borrowScope.borrows !== 0) {
      throw new Trap("the call ended while borrowed handles were still held");
    }
    this.#borrowScope = undefined;
  }
}
