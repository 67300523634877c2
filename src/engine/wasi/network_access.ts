import { MAX_LOOKUPS_PER_EXECUTION, MAX_SOCKETS_PER_EXECUTION } from "./limits.ts";
import { type NetworkErrorCode, networkErrorOf } from "./network_errors.ts";
import type { GuestScope } from "./scope.ts";

export interface NetworkGrants {
  /** Without it sockets can be made, and no address can be used (spec/engine.md 2.2). */
  readonly rawSockets: boolean;
  /** Without it no name can be resolved, IP addresses included. */
  readonly dnsResolution: boolean;
}

/** What one execution may do with the network, and how many sockets it has. */
export class NetworkAccess {
  readonly #grants: NetworkGrants;
  readonly #scope: GuestScope;
  #sockets = 0;
  #lookups = 0;

  constructor(grants: NetworkGrants, scope: GuestScope) {
    this.#grants = grants;
    this.#scope = scope;
  }

  /** @throws NetworkErrorCode `access-denied` */
  checkAddressUse(): void {
    if (this.#grants.rawSockets) return;
    this.#scope.refuse("sockets", "an address was used without the permission raw_sockets");
    throw "access-denied" satisfies NetworkErrorCode;
  }

  /** @throws NetworkErrorCode `permanent-resolver-failure` */
  checkLookup(): void {
    if (this.#grants.dnsResolution) return;
    this.#scope.refuse("dns", "a name was looked up without the permission dns_resolution");
    throw "permanent-resolver-failure" satisfies NetworkErrorCode;
  }

  /**
   * Counts a lookup until it is over.
   *
   * @throws NetworkErrorCode `temporary-resolver-failure`
   */
  addLookup<T>(start: () => Promise<T>): Promise<T> {
    if (this.#lookups >= MAX_LOOKUPS_PER_EXECUTION) throw "temporary-resolver-failure" satisfies NetworkErrorCode;
    this.#lookups++;
    return start().finally(() => this.#lookups--);
  }

  /** The guest's view of a lookup that failed; that a name leads to private addresses only is none of its business. */
  lookupCodeOf(error: unknown): NetworkErrorCode {
    const { code, text } = networkErrorOf(error);
    if (code !== "access-denied") return code;
    this.#scope.refuse("dns", text);
    return "name-unresolvable";
  }

  /** The guest's view of what the backend refused or failed to do. */
  codeOf(error: unknown): NetworkErrorCode {
    const { code, text } = networkErrorOf(error);
    if (code === "access-denied") this.#scope.refuse("sockets", text);
    return code;
  }

  /**
   * Counts one more socket.
   *
   * @returns what to call when it is closed
   * @throws NetworkErrorCode `new-socket-limit`
   */
  addSocket(): () => void {
    if (this.isFull) throw "new-socket-limit" satisfies NetworkErrorCode;
    this.#sockets++;
    let isOpen = true;
    return () => {
      if (isOpen) this.#sockets--;
      isOpen = false;
    };
  }

  get isFull(): boolean {
    return this.#sockets >= MAX_SOCKETS_PER_EXECUTION;
  }
}
