import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { type GuestCall, loopback, runCalls } from "@tests/support/guest_scripts.ts";
import { failureOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import { MAX_DATAGRAMS_PER_CALL } from "./wasi/limits.ts";

const guest = await scriptGuest("sockets");

function bind(name: string): GuestCall[] {
  return [
    [`${name} = udpCreateSocket.createUdpSocket`, "ipv4"],
    [`${name}.startBind`, "$network", loopback(0)],
    [`${name}.block`],
    [`${name}.finishBind`],
  ];
}

const NETWORK: GuestCall = ["network = instanceNetwork.instanceNetwork"];

async function echoServer() {
  const socket = createSocket("udp4");
  socket.on("message", (data, { address, port }) => socket.send(data, port, address));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, [Symbol.dispose]: () => void socket.close() };
}

async function run(calls: readonly GuestCall[], options: { readonly allowPrivateNetworks?: boolean } = {}) {
  await using started = await startEngine({ carrier: "in-thread", ...options });
  const service = serviceOf({ operator: await started.engine.upload(guest), rawSockets: true });
  return await runCalls(started.engine, service, ...calls);
}

Deno.test("a guest sends a datagram and receives the answer", async () => {
  using server = await echoServer();
  const remoteAddress = loopback(server.port);
  const results = await run([
    NETWORK,
    ...bind("socket"),
    ["socket.setUnicastHopLimit", 5],
    ["input, output = socket.stream", null],
    ["input.receive", 10],
    ["output.checkSend"],
    ["output.send", [{ data: { text: "hello" }, remoteAddress }]],
    ["input.block"],
    ["input.receive", 10],
    ["socket.unicastHopLimit"],
  ]);
  assert.deepEqual(results.slice(5), [
    null,
    ["resource", "resource"],
    [],
    MAX_DATAGRAMS_PER_CALL,
    1,
    null,
    [{ data: "hello", remoteAddress }],
    5,
  ]);
});

Deno.test("a socket with a peer hears nobody else and sends to nobody else", async () => {
  using server = await echoServer();
  const results = await run([
    NETWORK,
    ...bind("socket"),
    ...bind("other"),
    ["here = socket.localAddress"],
    ["input, output = socket.stream", loopback(server.port)],
    ["in2, out2 = other.stream", "$here"],
    ["out2.checkSend"],
    ["out2.send", [{ data: { text: "not for you" }, remoteAddress: null }]],
    ["output.checkSend"],
    ["output.send", [{ data: { text: "one" }, remoteAddress: null }, {
      data: { text: "two" },
      remoteAddress: "$here",
    }]],
    ["input.block"],
    ["input.receive", 10],
    ["socket.remoteAddress"],
    ["other.remoteAddress"],
    ["output.send", [{ data: { text: "x" }, remoteAddress: "$here" }]],
    ["in3, out3 = socket.stream", null],
    ["socket.remoteAddress"],
    ["output.send", [{ data: { text: "x" }, remoteAddress: null }]],
    ["out3.checkSend"],
    ["out3.send", [{ data: { text: "x" }, remoteAddress: null }]],
  ]);
  const [sent, , received, remote, peer, ...rest] = results.slice(15);
  assert.equal(sent, 1, "the second datagram names somebody else");
  assert.deepEqual(received, [{ data: "one", remoteAddress: loopback(server.port) }]);
  assert.deepEqual([remote, peer], [loopback(server.port), results[9]]);
  assert.deepEqual(rest, [
    "!invalid-argument",
    ["resource", "resource"],
    "!invalid-state",
    "!invalid-state",
    MAX_DATAGRAMS_PER_CALL,
    "!invalid-argument",
  ]);
});

Deno.test("what cannot be sent is refused with the reason", async () => {
  const results = await run([
    NETWORK,
    ["socket = udpCreateSocket.createUdpSocket", "ipv4"],
    ["socket.stream", null],
    ["socket.localAddress"],
    ["socket.finishBind"],
    ["socket.setReceiveBufferSize", 0],
    ["socket.setUnicastHopLimit", 0],
    ...bind("bound"),
    ["bound.startBind", "$network", loopback(0)],
    ["input, output = bound.stream", null],
    ["output.checkSend"],
    ["output.send", [{ data: { text: "x".repeat(65_508) }, remoteAddress: loopback(9) }]],
    ["output.send", [{ data: { text: "x" }, remoteAddress: loopback(0) }]],
    ["output.send", []],
  ]);
  assert.deepEqual(results.slice(2, 7), [
    "!invalid-state",
    "!invalid-state",
    "!not-in-progress",
    "!invalid-argument",
    "!invalid-argument",
  ]);
  assert.deepEqual(results.slice(11), [
    "!invalid-state",
    ["resource", "resource"],
    MAX_DATAGRAMS_PER_CALL,
    "!datagram-too-large",
    "!invalid-argument",
    0,
  ]);
});

Deno.test("datagrams to private addresses are refused unless the node allows them", async () => {
  using server = await echoServer();
  const everywhere = { tag: "ipv4", val: { port: 0, address: [0, 0, 0, 0] } };
  const results = await run([
    NETWORK,
    ["socket = udpCreateSocket.createUdpSocket", "ipv4"],
    ["socket.startBind", "$network", everywhere],
    ["socket.block"],
    ["socket.finishBind"],
    ["input, output = socket.stream", null],
    ["output.checkSend"],
    ["output.send", [{ data: { text: "x" }, remoteAddress: loopback(server.port) }]],
  ], { allowPrivateNetworks: false });
  assert.deepEqual(results.slice(4), [null, ["resource", "resource"], MAX_DATAGRAMS_PER_CALL, "!access-denied"]);
});

Deno.test("sending without asking how much ends the execution", async () => {
  await using started = await startEngine({ carrier: "in-thread" });
  const service = serviceOf({ operator: await started.engine.upload(guest), rawSockets: true });
  const calls: GuestCall[] = [
    NETWORK,
    ...bind("socket"),
    ["input, output = socket.stream", null],
    ["output.send", [{ data: { text: "x" }, remoteAddress: loopback(9) }]],
  ];
  const failure = failureOf(await runService(started.engine, service, JSON.stringify(calls)));
  assert.equal(failure.code, "guest_trap");
  assert.match(failure.message, /sent more datagrams than it was permitted to/);
});

Deno.test("a guest sets the options of a UDP socket, and knows when it may send", async () => {
  const results = await run([
    NETWORK,
    ...bind("socket"),
    ["socket.setSendBufferSize", 65_536],
    ["socket.setReceiveBufferSize", 65_536],
    ["socket.sendBufferSize"],
    ["socket.receiveBufferSize"],
    ["socket.addressFamily"],
    ["input, output = socket.stream", null],
    ["ready = output.subscribe"],
    ["ready.ready"],
  ]);
  assert.deepEqual(results.slice(5), [null, null, 65_536, 65_536, "ipv4", ["resource", "resource"], "resource", true]);
});
