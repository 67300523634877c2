import type { Remote } from "@/link/mod.ts";
import type { EgressApi } from "./egress/types.ts";
import type { OpenedConnection } from "./egress/socket_types.ts";
import type { NetworkBackend, TcpConnection } from "./wasi/network_backend.ts";
import type { GuestScope } from "./wasi/scope.ts";

/** The sockets of one execution, which the egress worker holds. All are closed when `scope` is. */
export function networkOf(job: number, egress: Remote<EgressApi>, scope: GuestScope): NetworkBackend {
  let isUsed = false;
  scope.own({ [Symbol.dispose]: () => isUsed && attend(egress.endSockets(job)) });

  function use<T>(call: Promise<T>): Promise<T> {
    isUsed = true;
    return call;
  }

  function connectionOf({ socket, local, remote }: OpenedConnection): TcpConnection {
    return {
      local,
      remote,
      read: (maxBytes) => egress.readTcp({ socket, maxBytes }),
      write: (bytes) => egress.writeTcp({ socket, bytes }),
      shutdownSend: () => egress.shutdownTcpSend(socket),
      setKeepAlive: (enabled) => egress.setTcpKeepAlive({ socket, enabled }),
      close: (rest) => attend(egress.closeSocket({ socket, rest })),
    };
  }

  return {
    connectTcp: async (remote) => connectionOf(await use(egress.connectTcp({ job, remote }))),
    bindUdp: async (address) => {
      const { socket, local } = await use(egress.bindUdp({ job, local: address }));
      return {
        local,
        send: (datagrams) => egress.sendUdp({ socket, datagrams }),
        receive: () => egress.receiveUdp(socket),
        setHopLimit: (hops) => egress.setUdpHopLimit({ socket, hops }),
        close: () => attend(egress.closeSocket({ socket, rest: [] })),
      };
    },
    resolve: (name) => egress.resolve(name),
    bindTcp: async (address) => {
      const { socket, local } = await use(egress.bindTcp({ job, local: address }));
      return {
        local,
        accept: async () => connectionOf(await egress.acceptTcp(socket)),
        connect: async (remote) => connectionOf(await egress.connectBoundTcp({ socket, remote })),
        close: () => attend(egress.closeSocket({ socket, rest: [] })),
      };
    },
  };
}

/** Closing that fails finds what broke before: there is nothing left to do about it. */
function attend(closing: Promise<void>): void {
  void closing.catch(() => {});
}
