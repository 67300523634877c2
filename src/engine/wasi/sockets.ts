import type { HostImports } from "../component/types.ts";
import { NetworkAccess, type NetworkGrants } from "./network_access.ts";
import type { AddressFamily } from "./network_addresses.ts";
import type { NetworkBackend } from "./network_backend.ts";
import type { GuestScope } from "./scope.ts";
import { lookUp, ResolveAddressStream } from "./ip_name_lookup.ts";
import { TcpSocket } from "./tcp_socket.ts";
import { IncomingDatagramStream, OutgoingDatagramStream } from "./udp_streams.ts";
import { UdpSocket } from "./udp_socket.ts";

export interface SocketsModules {
  readonly scope: GuestScope;
  readonly backend: NetworkBackend;
}

/** `wasi:sockets/network` network: a guest gets the one there is, and what it may do with it is checked at each use. */
class Network {}

/** `wasi:sockets` 0.2 (spec/engine.md 1.3, 2.2). */
export function createSockets(grants: NetworkGrants, { scope, backend }: SocketsModules): HostImports {
  const modules = { scope, backend, access: new NetworkAccess(grants, scope) };
  return {
    "wasi:sockets/network": { Network },
    "wasi:sockets/instance-network": { instanceNetwork: () => new Network() },
    "wasi:sockets/ip-name-lookup": {
      ResolveAddressStream,
      resolveAddresses: (_network: Network, name: string) => new ResolveAddressStream(lookUp(name, modules), modules),
    },
    "wasi:sockets/udp": { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    "wasi:sockets/udp-create-socket": { createUdpSocket: (family: AddressFamily) => new UdpSocket(family, modules) },
    "wasi:sockets/tcp": { TcpSocket },
    "wasi:sockets/tcp-create-socket": { createTcpSocket: (family: AddressFamily) => new TcpSocket(family, modules) },
  };
}
