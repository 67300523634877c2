import { Trap } from "../errors.ts";
import type { ResourceIndex } from "../plan/types.ts";

/** One handle a guest holds. `value` is the host's object, or a guest resource. */
export interface Handle {
  readonly resource: ResourceIndex;
  readonly value: unknown;
  readonly ownership: Ownership;
  /** Calls in flight that were given this handle as a borrow; while there are any it can be neither dropped nor moved. */
  lends: number;
}

/** Owned, or borrowed for the length of one call of the guest. */
export type Ownership = { readonly kind: "own" } | { readonly kind: "borrow"; readonly scope: BorrowScope };

/** Counts the borrows a call of the guest was given and has not dropped. */
export interface BorrowScope {
  borrows: number;
}

/** A resource of the guest's own, seen from outside it. */
export class GuestResource {
  readonly resource: ResourceIndex;
  readonly rep: number;

  constructor(resource: ResourceIndex, rep: number) {
    this.resource = resource;
    this.rep = rep;
  }
}

/** How many handles all tables of an instance may hold together. */
export interface HandleQuota {
  left: number;
}

/** The handles of one component instance. Index 0 is never given out. */
export class HandleTable {
  readonly #handles: (Handle | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #quota: HandleQuota;

  constructor(quota: HandleQuota) {
    this.#quota = quota;
  }

  add(handle: Handle): number {
    if (--this.#quota.left < 0) throw new Trap("too many handles");
    const index = this.#free.pop() ?? this.#handles.length;
    this.#handles[index] = handle;
    return index;
  }

  get(index: number, resource: ResourceIndex): Handle {
    const handle = this.#handles[index];
    if (handle === undefined || handle.resource !== resource) throw new Trap(`unknown handle index ${index}`);
    return handle;
  }

  remove(index: number, resource: ResourceIndex): Handle {
    const handle = this.get(index, resource);
    if (handle.lends !== 0) throw new Trap(`handle ${index} is removed while it is lent`);
    if (handle.ownership.kind === "borrow") handle.ownership.scope.borrows--;
    this.#handles[index] = undefined;
    this.#free.push(index);
    this.#quota.left++;
    return handle;
  }
}
