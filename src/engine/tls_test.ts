import assert from "node:assert/strict";
import tls from "node:tls";
import { type GuestCall, loopback, runCalls } from "@tests/support/guest_scripts.ts";
import { serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import { startRawServer } from "./egress/testing/raw_server.ts";
import { SELF_SIGNED_CERTIFICATE } from "./egress/testing/self_signed_certificate.ts";
import { MAX_TLS_CONNECTIONS } from "./wasi/limits.ts";

const guest = await scriptGuest("tls");

/** The types of Node's interface do not know it yet. */
const { setDefaultCACertificates } = tls as unknown as { setDefaultCACertificates(certificates: string[]): void };

/** Trusts the test's own certificate in this thread, where an engine with in-thread workers runs its guests. */
function trustTestCertificate(): Disposable {
  const before = tls.getCACertificates("default");
  setDefaultCACertificates([...before, SELF_SIGNED_CERTIFICATE.cert]);
  return { [Symbol.dispose]: () => setDefaultCACertificates(before) };
}

/** Answers each connection's first message with it, then waits for its end; tells what it received. */
function startTlsServer() {
  const { cert, key } = SELF_SIGNED_CERTIFICATE;
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const received: string[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      await serve(connection).catch((error) => received.push(`failed: ${error.name}`));
    }
  })();

  async function serve(connection: Deno.TlsConn): Promise<void> {
    using open = connection;
    const buffer = new Uint8Array(1000);
    for (let read = await open.read(buffer); read !== null; read = await open.read(buffer)) {
      received.push(new TextDecoder().decode(buffer.subarray(0, read)));
      await open.write(buffer.subarray(0, read));
    }
    received.push("end");
  }

  return {
    port: listener.addr.port,
    received,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

function handshake(port: number, serverName: string): GuestCall[] {
  return [
    ["network = instanceNetwork.instanceNetwork"],
    ["socket = tcpCreateSocket.createTcpSocket", "ipv4"],
    ["socket.startConnect", "$network", loopback(port)],
    ["socket.block"],
    ["input, output = socket.finishConnect"],
    ["handshake = new tls.ClientHandshake", serverName, "$input", "$output"],
    ["future = tls.ClientHandshake.finish", "$handshake"],
    ["future.block"],
    ["result = future.get"],
  ];
}

const REASON: GuestCall = ["result.val.val.toDebugString"];

async function run(calls: readonly GuestCall[], carrier: "in-thread" | "worker" = "in-thread"): Promise<unknown[]> {
  await using started = await startEngine({ carrier });
  const service = serviceOf({ operator: await started.engine.upload(guest), rawSockets: true });
  return await runCalls(started.engine, service, ...calls);
}

Deno.test("a guest talks TLS over its own TCP connection and says when it is done", async () => {
  using _trust = trustTestCertificate();
  const server = startTlsServer();
  const results = await run([
    ...handshake(server.port, "localhost"),
    ["connection, plainIn, plainOut = result.val.val.valueOf"],
    ["plainOut.blockingWriteAndFlush", { text: "secret" }],
    ["plainIn.blockingRead", 100],
    ["connection.closeOutput"],
    ["plainOut.checkWrite"],
    ["plainIn.blockingRead", 100],
    ["future.get"],
  ]);
  await server[Symbol.asyncDispose]();
  assert.deepEqual(results.slice(10), [null, "secret", null, `!{"tag":"closed"}`, `!{"tag":"closed"}`, { tag: "err" }]);
  assert.deepEqual(server.received, ["secret", "end"]);
});

Deno.test("what a guest has written is still sent when it lets go of the connection", async () => {
  using _trust = trustTestCertificate();
  const server = startTlsServer();
  await run([
    ...handshake(server.port, "localhost"),
    ["connection, plainIn, plainOut = result.val.val.valueOf"],
    ["plainOut.write", { text: "last words" }],
    ["drop", "$connection"],
    // It stays for a while.
    ...handshake(server.port, "localhost"),
  ]);
  await server[Symbol.asyncDispose]();
  assert.deepEqual(server.received.slice(0, 2), ["last words", "end"]);
});

for (
  const [name, reason] of [
    ["example.com", /does not match certificate/],
    ["127.0.0.1", /does not match certificate/],
    ["no name", /"no name" is no server name/],
    ["", /"" is no server name/],
  ] as const
) {
  Deno.test(`a certificate that is not for "${name}" is not accepted for it`, async () => {
    using _trust = trustTestCertificate();
    await using server = startTlsServer();
    assert.match(String((await run([...handshake(server.port, name), REASON])).at(-1)), reason);
  });
}

Deno.test("in a worker without permissions: a certificate nobody vouches for is not accepted", async () => {
  await using server = startTlsServer();
  const results = await run([...handshake(server.port, "localhost"), REASON], "worker");
  assert.match(String(results.at(-1)), /self-signed certificate/);
});

Deno.test("a server that speaks no TLS fails the handshake", async () => {
  await using server = startRawServer("HTTP/1.1 400 Bad Request\r\n\r\n");
  const { port } = new URL(server.url);
  const results = await run([...handshake(Number(port), "localhost"), REASON]);
  assert.equal((results[8] as { val: { tag: string } }).val.tag, "err", JSON.stringify(results));
});

Deno.test("an execution has a limited number of TLS connections", async () => {
  using _trust = trustTestCertificate();
  const server = startTlsServer();
  const connections = Array.from({ length: MAX_TLS_CONNECTIONS }, (_, index): GuestCall[] => [
    ...handshake(server.port, "localhost"),
    [`connection${index}, in${index}, out${index} = result.val.val.valueOf`],
    // Its socket makes room for the next one, the TLS connection stays.
    ["drop", "$socket"],
  ]).flat();
  const results = await run([...connections, ...handshake(server.port, "localhost"), REASON]);
  await server[Symbol.asyncDispose]();
  assert.match(String(results.at(-1)), /16 TLS connections already/);
});
