import { socketError } from "../wasi/network_errors.ts";
import { MAX_LOOKUPS_PER_WORKER, MAX_RESOLVED_ADDRESSES } from "./limits.ts";
import type { ResolveName } from "./resolve.ts";
import { attemptSocket } from "./socket_errors.ts";
import { isAllowedPeer, type SocketOptions } from "./socket_policy.ts";

export interface Lookups {
  /**
   * The addresses of a name that may be connected to.
   *
   * @throws WavsError `socket_error`: a resolver failure, `access-denied` when all its addresses are private
   */
  resolve(name: string): Promise<readonly string[]>;
}

/** Resolves names for the guests of one component worker. */
export function createLookups(options: SocketOptions, resolveName: ResolveName): Lookups {
  let running = 0;
  return {
    resolve: (name) =>
      attemptSocket(async () => {
        if (running >= MAX_LOOKUPS_PER_WORKER) {
          throw socketError("temporary-resolver-failure", `${running} names are being looked up already`);
        }
        running++;
        try {
          return reachable(name, (await resolveName(name)).map(({ address }) => address), options);
        } finally {
          running--;
        }
      }),
  };
}

function reachable(name: string, addresses: readonly string[], options: SocketOptions): readonly string[] {
  const usable = addresses.filter((address) => isAllowedPeer(address, options));
  if (usable.length === 0) {
    throw addresses.length === 0
      ? socketError("name-unresolvable", `"${name}" has no address`)
      : socketError("access-denied", `"${name}" has no public address; see allow_private_networks`);
  }
  return usable.slice(0, MAX_RESOLVED_ADDRESSES);
}
