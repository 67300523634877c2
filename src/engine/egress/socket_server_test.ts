import assert from "node:assert/strict";
import { createContext, type Logger } from "@/context/mod.ts";
import { isWavsError } from "@/domain/mod.ts";
import { MAX_OPEN_SOCKETS_PER_EXECUTION, MAX_SOCKET_LINGER_MS, MAX_SOCKETS_PER_WORKER } from "./limits.ts";
import { OpenSockets } from "./open_sockets.ts";
import { createSocketServer } from "./socket_server.ts";
import { createManualClock } from "./testing/requests.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };
const call = { signal: new AbortController().signal };

class Gate {
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

async function assertSocketError(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => isWavsError(error, "socket_error") && error.meta.code === code);
}

function startServer(allowPrivateNetworks: boolean) {
  return createSocketServer({ allowPrivateNetworks }, createContext({ log: SILENT, signal: call.signal }));
}

Deno.test("bytes that wait when a connection is closed are sent first", async () => {
  using server = startServer(true);
  const { connectTcp, closeSocket, readTcp } = server.handlers;
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { socket } = await connectTcp({ job: 1, remote: { host: "127.0.0.1", port } }, call);
  using peer = await listener.accept();
  const rest = [new Uint8Array(300_000).fill(1), new Uint8Array([2])];
  const closing = closeSocket({ socket, rest }, call);
  await assertSocketError((async () => await readTcp({ socket, maxBytes: 1 }, call))(), "invalid-state");
  let received = 0;
  for await (const chunk of peer.readable) received += chunk.length;
  await closing;
  assert.equal(received, 300_001);
});

Deno.test("a listener hangs up on peers that are not public", async () => {
  using server = startServer(false);
  const { bindTcp, acceptTcp, endSockets } = server.handlers;
  const bound = await bindTcp({ job: 1, local: { host: "0.0.0.0", port: 0 } }, call);
  const accepting = assertSocketError((async () => await acceptTcp(bound.socket, call))(), "connection-aborted");
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: bound.local.port });
  assert.equal(await connection.read(new Uint8Array(1)).catch(() => null), null);
  await endSockets(1, call);
  await accepting;
});

Deno.test("all connections of a worker that is gone are closed", async () => {
  const server = startServer(true);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await server.handlers.connectTcp({ job: 1, remote: { host: "127.0.0.1", port: listener.addr.port } }, call);
  using peer = await listener.accept();
  server[Symbol.dispose]();
  assert.equal(await peer.read(new Uint8Array(1)), null);
});

Deno.test("an execution and a worker have a limited number of sockets", async () => {
  using sockets = new OpenSockets(createManualClock());
  const open = (job: number) => sockets.open(job, () => Promise.resolve(new Gate()));
  for (let count = 0; count < MAX_OPEN_SOCKETS_PER_EXECUTION; count++) await open(1);
  await assertSocketError(open(1), "new-socket-limit");
  for (let job = 2; sockets.size < MAX_SOCKETS_PER_WORKER; job++) await open(job);
  await assertSocketError(open(0), "new-socket-limit");
  sockets.endJob(1);
  await open(1);
});

Deno.test("what opens after its execution has ended is closed at once, and counted until then", async () => {
  using sockets = new OpenSockets(createManualClock());
  const opening = Promise.withResolvers<Gate>();
  const gate = new Gate();
  let ended: AbortSignal | undefined;
  const opened = sockets.open(1, (signal) => {
    ended = signal;
    return opening.promise;
  });
  sockets.endJob(1);
  assert.equal(ended?.aborted, true);
  assert.equal(sockets.size, 1);
  opening.resolve(gate);
  await assertSocketError(opened, "connection-aborted");
  assert.equal(gate.isClosed, true);
  assert.equal(sockets.size, 0);
});

Deno.test("a peer that does not take the last bytes loses them in the end", async () => {
  const clock = createManualClock();
  using sockets = new OpenSockets(clock);
  const gate = new Gate();
  const { id } = await sockets.open(1, () => Promise.resolve(gate));
  const closing = sockets.close(id, () => new Promise(() => {}));
  sockets.endJob(1);
  assert.equal(gate.isClosed, false, "the end of the execution does not cut it short");
  clock.passAll(MAX_SOCKET_LINGER_MS);
  await closing;
  assert.equal(gate.isClosed, true);
});
