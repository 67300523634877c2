import type { Handlers } from "@/link/mod.ts";
import { MAX_SOCKET_BUFFER_BYTES } from "../wasi/limits.ts";
import type { ExchangeModules } from "./exchange.ts";
import { createLookups } from "./lookups.ts";
import { OpenSockets } from "./open_sockets.ts";
import { resolveName } from "./resolve.ts";
import type { SocketOptions } from "./socket_policy.ts";
import type { OpenedConnection, SocketApi } from "./socket_types.ts";
import { bindTcp, connectTcp, HostConnection, HostListener } from "./tcp.ts";
import { bindUdp, HostUdpSocket } from "./udp.ts";

export interface SocketServer extends Disposable {
  readonly handlers: Handlers<SocketApi>;
}

/** Serves one component worker: every socket its guests open passes the address policy here. */
export function createSocketServer(options: SocketOptions, { clock, resolve }: ExchangeModules): SocketServer {
  const sockets = new OpenSockets(clock);
  const lookups = createLookups(options, resolve ?? resolveName);

  async function connection(
    job: number,
    open: (ended: AbortSignal) => Promise<HostConnection>,
  ): Promise<OpenedConnection> {
    const { id, socket: { local, remote } } = await sockets.open(job, open);
    return { socket: id, local, remote };
  }

  return {
    handlers: {
      bindTcp: async ({ job, local }) => {
        const { id, socket } = await sockets.open(job, () => bindTcp(local, options));
        return { socket: id, local: socket.local };
      },
      connectTcp: ({ job, remote }) => connection(job, (ended) => connectTcp(remote, options, ended)),
      connectBoundTcp: async ({ socket, remote }) => {
        const listener = sockets.get(socket, HostListener);
        try {
          return await connection(sockets.jobOf(socket), (ended) => listener.connect(remote, ended));
        } finally {
          await sockets.close(socket, () => Promise.resolve());
        }
      },
      acceptTcp: (socket) => {
        const listener = sockets.get(socket, HostListener);
        return connection(sockets.jobOf(socket), () => listener.accept());
      },
      readTcp: ({ socket, maxBytes }) =>
        sockets.get(socket, HostConnection).read(Math.min(maxBytes, MAX_SOCKET_BUFFER_BYTES)),
      writeTcp: ({ socket, bytes }) => sockets.get(socket, HostConnection).write(bytes),
      shutdownTcpSend: (socket) => sockets.get(socket, HostConnection).shutdownSend(),
      setTcpKeepAlive: ({ socket, enabled }) => sockets.get(socket, HostConnection).setKeepAlive(enabled),
      bindUdp: async ({ job, local }) => {
        const { id, socket } = await sockets.open(job, () => bindUdp(local, options));
        return { socket: id, local: socket.local };
      },
      sendUdp: ({ socket, datagrams }) => sockets.get(socket, HostUdpSocket).send(datagrams),
      receiveUdp: (socket) => sockets.get(socket, HostUdpSocket).receive(),
      setUdpHopLimit: ({ socket, hops }) => sockets.get(socket, HostUdpSocket).setHopLimit(hops),
      resolve: lookups.resolve,
      closeSocket: ({ socket, rest }) => sockets.close(socket, (open) => sendRest(open, rest)),
      endSockets: (job) => sockets.endJob(job),
    },
    [Symbol.dispose]: () => sockets[Symbol.dispose](),
  };
}

async function sendRest(socket: unknown, rest: readonly Uint8Array[]): Promise<void> {
  if (socket instanceof HostConnection) { for (const bytes of rest) await socket.write(bytes); }
}
