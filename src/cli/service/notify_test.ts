import assert from "node:assert/strict";
import { type LogFields, type Logger, systemClock } from "@/context/mod.ts";
import { listenForNotifications } from "@tests/support/notify_socket.ts";
import { until } from "@tests/support/until.ts";
import { MAX_STATUS_CHARS } from "./limits.ts";
import { connectServiceManager } from "./notify.ts";

function connect(env: Readonly<Record<string, string>>) {
  const warnings: string[] = [];
  const write = (message: string, fields: LogFields = {}) => void warnings.push(`${message}: ${fields.reason}`);
  const log: Logger = { error: write, warn: write, info: write, debug: write, trace: write, child: () => log };
  const manager = connectServiceManager({ readEnv: (name) => env[name], pid: 7 }, { log, clock: systemClock });
  return { manager, warnings, [Symbol.dispose]: () => manager[Symbol.dispose]() };
}

for (const kind of ["path", "abstract"] as const) {
  Deno.test(`a service manager at a socket with ${kind} name hears everything in order`, async () => {
    await using socket = await listenForNotifications(kind);
    using connected = connect({ NOTIFY_SOCKET: socket.address });
    const told = Array.from(
      { length: 20 },
      (_, n) => connected.manager.tell(n === 7 ? { READY: "1", STATUS: "a\nREADY=0\n" } : { STATUS: `${n}` }),
    );
    await Promise.all(told);
    await until("all has come", () => socket.received.length === 20);
    assert.deepEqual(socket.received[7], { READY: "1", STATUS: "a READY=0 " }, "a status cannot pass for a variable");
    assert.deepEqual(socket.received.map(({ STATUS }) => STATUS?.slice(0, 2)).filter((_, n) => n !== 7), [
      ..."0123456".split(""),
      ...Array.from({ length: 12 }, (_, n) => `${n + 8}`),
    ]);
    assert.deepEqual(connected.warnings, []);
  });
}

Deno.test("a status is cut at its limit", async () => {
  await using socket = await listenForNotifications();
  using connected = connect({ NOTIFY_SOCKET: socket.address });
  await connected.manager.tell({ STATUS: "x".repeat(100_000) });
  assert.equal((await socket.next("STATUS")).STATUS, "x".repeat(MAX_STATUS_CHARS));
});

Deno.test("without a service manager nothing is told, and nothing is wrong with that", async () => {
  using connected = connect({ WATCHDOG_USEC: "1000000" });
  await connected.manager.tell({ READY: "1" });
  assert.equal(connected.manager.watchdogMs, undefined);
  assert.deepEqual(connected.warnings, []);
});

for (
  const [name, address] of [["a socket that is gone", "/nowhere/notify"], ["a kind unknown", "vsock:2:1"]] as const
) {
  Deno.test(`${name} is warned of once, and stops nothing`, async () => {
    using connected = connect({ NOTIFY_SOCKET: address });
    await connected.manager.tell({ READY: "1" });
    await connected.manager.tell({ WATCHDOG: "1" });
    assert.equal(connected.warnings.length, 1, connected.warnings.join("\n"));
    assert.match(connected.warnings[0] ?? "", /^The service manager cannot be told .*(No such file|neither a path)/);
  });
}

Deno.test("a watchdog counts when it is meant for this process", async () => {
  await using socket = await listenForNotifications();
  const of = (env: Readonly<Record<string, string>>) => {
    using connected = connect({ NOTIFY_SOCKET: socket.address, ...env });
    return connected.manager.watchdogMs;
  };
  assert.equal(of({ WATCHDOG_USEC: "2500000" }), 2500);
  assert.equal(of({ WATCHDOG_USEC: "2500000", WATCHDOG_PID: "7" }), 2500);
  assert.equal(of({ WATCHDOG_USEC: "2500000", WATCHDOG_PID: "8" }), undefined);
  for (const usec of ["0", "-1", "soon", ""]) assert.equal(of({ WATCHDOG_USEC: usec }), undefined, usec);
});
