import assert from "node:assert/strict";
import { type GuestCall, loopback, runCalls } from "@tests/support/guest_scripts.ts";
import { failureOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import type { Engine } from "./types.ts";
import { MAX_SOCKETS_PER_EXECUTION } from "./wasi/limits.ts";

const guest = await scriptGuest("sockets");

const CREATE: readonly GuestCall[] = [
  ["network = instanceNetwork.instanceNetwork"],
  ["socket = tcpCreateSocket.createTcpSocket", "ipv4"],
];

function connect(port: number): GuestCall[] {
  return [
    ...CREATE,
    ["socket.startConnect", "$network", loopback(port)],
    ["socket.block"],
    ["input, output = socket.finishConnect"],
  ];
}

async function granted(engine: Engine) {
  return serviceOf({ operator: await engine.upload(guest), rawSockets: true });
}

for (const carrier of ["in-thread", "worker"] as const) {
  Deno.test(`${carrier}: a guest talks over a TCP connection`, async () => {
    await using started = await startEngine({ carrier });
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      using connection = await listener.accept();
      await connection.readable.pipeTo(connection.writable);
    })();
    const results = await runCalls(
      started.engine,
      await granted(started.engine),
      ...connect(listener.addr.port),
      ["output.blockingWriteAndFlush", { text: "hello" }],
      ["input.blockingRead", 100],
      ["socket.remoteAddress"],
      ["socket.shutdown", "send"],
      ["output.blockingWriteAndFlush", { text: "more" }],
      ["input.blockingRead", 100],
    );
    await serving;
    assert.deepEqual(results.slice(4), [
      ["resource", "resource"],
      null,
      "hello",
      loopback(listener.addr.port),
      null,
      `!{"tag":"closed"}`,
      `!{"tag":"closed"}`,
    ]);
  });
}

Deno.test("a guest that was not granted raw_sockets makes sockets and uses no address", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  const service = serviceOf({ operator: await started.engine.upload(guest) });
  const calls: GuestCall[] = [
    ...CREATE,
    ["socket.addressFamily"],
    ["socket.startConnect", "$network", loopback(80)],
    ["socket.startBind", "$network", loopback(0)],
    ["socket.startListen"],
  ];
  const results = await runCalls(started.engine, service, ...calls);
  assert.deepEqual(results.slice(2), ["ipv4", "!access-denied", "!access-denied", "!access-denied"]);
  const { report } = await runService(started.engine, service, JSON.stringify(calls));
  assert.equal(report?.refusals.get("sockets"), 3, "the node counts what it refused");
});

Deno.test("a guest sets the options of a TCP socket and reads what they are then", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  const results = await runCalls(
    started.engine,
    await granted(started.engine),
    ...CREATE,
    ["socket.setKeepAliveIdleTime", 1_000_000_000],
    ["socket.setKeepAliveInterval", 1_000_000_000],
    ["socket.setKeepAliveCount", 3],
    ["socket.setSendBufferSize", 65_536],
    ["socket.setReceiveBufferSize", 65_536],
    ["socket.setListenBacklogSize", 16],
    ["socket.setKeepAliveIdleTime", 0],
    ["socket.setKeepAliveInterval", 0],
    ["socket.setListenBacklogSize", 0],
    ["socket.keepAliveIdleTime"],
    ["socket.keepAliveInterval"],
    ["socket.keepAliveCount"],
    ["socket.sendBufferSize"],
    ["socket.receiveBufferSize"],
    ["socket.hopLimit"],
  );
  assert.deepEqual(results.slice(2, 8), [null, null, null, null, null, null]);
  assert.deepEqual(results.slice(8, 11), ["!invalid-argument", "!invalid-argument", "!invalid-argument"]);
  assert.deepEqual(results.slice(11), [7_200e9, 75e9, 9, 65_536, 65_536, 64], "times and counts are the system's");
});

Deno.test("a guest listens, accepts its own connection and finds out who is who", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  const { engine } = started;
  const service = await granted(engine);
  const results = await runCalls(
    engine,
    service,
    ...CREATE,
    ["socket.startBind", "$network", loopback(0)],
    ["socket.block"],
    ["socket.finishBind"],
    ["socket.setKeepAliveEnabled", true],
    ["socket.startListen"],
    ["socket.finishListen"],
    ["socket.isListening"],
    ["here = socket.localAddress"],
    ["client = tcpCreateSocket.createTcpSocket", "ipv4"],
    ["client.startConnect", "$network", "$here"],
    ["client.block"],
    ["in1, out1 = client.finishConnect"],
    ["socket.block"],
    ["peer, in2, out2 = socket.accept"],
    ["out2.blockingWriteAndFlush", { text: "welcome" }],
    ["in1.blockingRead", 100],
    ["client.remoteAddress"],
    ["client.localAddress"],
    ["peer.remoteAddress"],
    ["peer.keepAliveEnabled"],
    ["client.shutdown", "both"],
    ["in2.blockingRead", 100],
    ["socket.accept"],
  );
  const [listening, here] = results.slice(8, 10);
  const [welcome, remote, local, peer, keepAlive, down, end, none] = results.slice(17);
  assert.deepEqual([listening, welcome, keepAlive, down, end, none], [
    true,
    "welcome",
    true,
    null,
    `!{"tag":"closed"}`,
    "!would-block",
  ]);
  assert.deepEqual([remote, local], [here, peer]);
});

Deno.test("a guest connects from the address it has bound to", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const results = await runCalls(
    started.engine,
    await granted(started.engine),
    ...CREATE,
    ["socket.startBind", "$network", loopback(0)],
    ["socket.block"],
    ["socket.finishBind"],
    ["socket.localAddress"],
    ["socket.startConnect", "$network", loopback(listener.addr.port)],
    ["socket.block"],
    ["input, output = socket.finishConnect"],
    ["socket.localAddress"],
    ["output.blockingWriteAndFlush", { text: "from there" }],
  );
  using connection = await accepted;
  const buffer = new Uint8Array(100);
  const read = await connection.read(buffer) ?? 0;
  assert.equal(new TextDecoder().decode(buffer.subarray(0, read)), "from there");
  assert.deepEqual(results[5], loopback(connection.remoteAddr.port));
  assert.deepEqual(results[9], results[5]);
});

Deno.test("calls out of turn and addresses that make no sense are refused as the interface says", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  using unused = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = unused.addr;
  unused.close();
  const ipv6 = { tag: "ipv6", val: { port: 80, flowInfo: 0, address: [0, 0, 0, 0, 0, 0xffff, 1, 1], scopeId: 0 } };
  const results = await runCalls(
    started.engine,
    await granted(started.engine),
    ...CREATE,
    ["socket.finishConnect"],
    ["socket.finishBind"],
    ["socket.finishListen"],
    ["socket.startListen"],
    ["socket.accept"],
    ["socket.localAddress"],
    ["socket.remoteAddress"],
    ["socket.shutdown", "both"],
    ["socket.startConnect", "$network", loopback(0)],
    ["socket.startConnect", "$network", { tag: "ipv4", val: { port: 80, address: [0, 0, 0, 0] } }],
    ["socket.startConnect", "$network", { tag: "ipv4", val: { port: 80, address: [224, 0, 0, 1] } }],
    ["socket.startConnect", "$network", ipv6],
    ["socket.setKeepAliveCount", 0],
    ["socket.setReceiveBufferSize", 0],
    ["socket.setHopLimit", 0],
    ["socket.startConnect", "$network", loopback(port)],
    ["socket.startBind", "$network", loopback(0)],
    ["socket.block"],
    ["socket.finishConnect"],
    ["socket.startConnect", "$network", loopback(port)],
  );
  assert.deepEqual(results.slice(2), [
    "!not-in-progress",
    "!not-in-progress",
    "!not-in-progress",
    "!invalid-state",
    "!invalid-state",
    "!invalid-state",
    "!invalid-state",
    "!invalid-state",
    "!invalid-argument",
    "!invalid-argument",
    "!invalid-argument",
    "!invalid-argument",
    "!invalid-argument",
    "!invalid-argument",
    "!invalid-argument",
    null,
    "!concurrency-conflict",
    null,
    "!connection-refused",
    "!invalid-state",
  ]);
});

Deno.test("an execution has a limited number of sockets, and dropping one makes room", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  const create: GuestCall = ["socket = tcpCreateSocket.createTcpSocket", "ipv4"];
  const sockets = Array.from({ length: MAX_SOCKETS_PER_EXECUTION }, (_, index): GuestCall => [
    `socket${index} = tcpCreateSocket.createTcpSocket`,
    "ipv6",
  ]);
  const results = await runCalls(
    started.engine,
    await granted(started.engine),
    ...sockets,
    create,
    ["drop", "$socket0"],
    create,
  );
  assert.deepEqual(results.slice(sockets.length), ["!new-socket-limit", null, "resource"]);
});

Deno.test("private addresses are refused unless the node allows them", async () => {
  await using started = await startEngine({ carrier: "in-thread", allowPrivateNetworks: false });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const service = await granted(started.engine);
  const calls: GuestCall[] = [
    ...connect(listener.addr.port),
    ["other = tcpCreateSocket.createTcpSocket", "ipv4"],
    ["other.startBind", "$network", loopback(0)],
    ["other.block"],
    ["other.finishBind"],
  ];
  const results = await runCalls(started.engine, service, ...calls);
  assert.deepEqual([results[4], results.at(-1)], ["!access-denied", "!access-denied"]);
  const { report } = await runService(started.engine, service, JSON.stringify(calls));
  assert.equal(report?.refusals.get("sockets"), 2, "the node counts what it refused");
});

Deno.test("connections are closed when their execution ends, also when its time is up", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const operator = await started.engine.upload(guest);
  const service = serviceOf({ operator, rawSockets: true, timeLimitSeconds: 1 });
  const ended = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(100);
    while (await connection.read(buffer) !== null);
  })();
  const calls = JSON.stringify([...connect(listener.addr.port), ["input.blockingRead", 100]]);
  assert.equal(failureOf(await runService(started.engine, service, calls)).code, "out_of_time");
  await ended;
});
