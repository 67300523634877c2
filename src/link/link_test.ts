import assert from "node:assert/strict";
import { createContext, type LogFields, type Logger } from "@/context/mod.ts";
import { isWavsError, WavsError } from "@/domain/errors.ts";
import { DEFAULT_CREDIT } from "./limits.ts";
import { openLink, Roster, startWorker } from "./mod.ts";
import type { EchoApi, EchoMain } from "./testing/echo_worker.ts";
import type { Handlers } from "./types.ts";

interface Arithmetic {
  double(value: number): number;
  fail(code: string): never;
  hang(argument: undefined): void;
}

function linkedPair(handlers: Partial<Handlers<Arithmetic>>, credit = 8) {
  const { port1, port2 } = new MessageChannel();
  const client = openLink<Arithmetic, object>({ name: "client" }, { port: port1, handlers: {} });
  const server = openLink<object, Arithmetic>({ name: "server", credit }, {
    port: port2,
    handlers: handlers as Handlers<Arithmetic>,
  });
  return {
    client,
    [Symbol.dispose]() {
      client.close();
      server.close();
    },
  };
}

function recordingLogger(records: { message: string; fields: LogFields }[]): Logger {
  const write = (message: string, fields: LogFields = {}) => void records.push({ message, fields });
  const log: Logger = { error: write, warn: write, info: write, debug: write, trace: write, child: () => log };
  return log;
}

Deno.test("a call returns what the other side answers", async () => {
  using pair = linkedPair({ double: (value) => value * 2 });
  assert.equal(await pair.client.remote.double(21), 42);
});

Deno.test("an error crosses with its code, metadata and retryability", async () => {
  using pair = linkedPair({
    fail: (code) => {
      throw new WavsError(code, { message: "Cannot do it", retryable: true, meta: { height: 7n } });
    },
  });
  await assert.rejects(pair.client.remote.fail("no_luck"), (error) => {
    assert.ok(isWavsError(error, "no_luck"));
    assert.equal(error.retryable, true);
    assert.equal(error.meta.height, 7n);
    return true;
  });
});

Deno.test("a caller waits while the other side has no credit left", async () => {
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const full = Promise.withResolvers<void>();
  using pair = linkedPair({
    double: async (value) => {
      most = Math.max(most, ++running);
      if (running === 2) full.resolve();
      await gate.promise;
      running--;
      return value * 2;
    },
  }, 2);
  const answers = [1, 2, 3, 4, 5].map((value) => pair.client.remote.double(value));
  await full.promise;
  gate.resolve();
  assert.deepEqual(await Promise.all(answers), [2, 4, 6, 8, 10]);
  assert.equal(most, 2);
});

Deno.test("a caller that gives up frees its place and the handler hears of it", async () => {
  const aborted = Promise.withResolvers<void>();
  using pair = linkedPair({
    hang: (_argument, call) =>
      new Promise<void>((resolve) =>
        call.signal.addEventListener("abort", () => {
          aborted.resolve();
          resolve();
        })
      ),
    double: (value) => value * 2,
  }, 1);
  const controller = new AbortController();
  const hanging = pair.client.remote.hang(undefined, { signal: controller.signal });
  await pair.client.ready;
  setTimeout(() => controller.abort());
  await assert.rejects(hanging, (error) => isWavsError(error, "call_aborted"));
  await aborted.promise;
  assert.equal(await pair.client.remote.double(1), 2);
});

Deno.test("closing a link fails every call under way and every later one", async () => {
  using pair = linkedPair({ hang: () => new Promise<void>(() => {}) });
  const hanging = pair.client.remote.hang(undefined);
  await pair.client.ready;
  setTimeout(() => pair.client.close());
  await assert.rejects(hanging, (error) => isWavsError(error, "link_closed"));
  await assert.rejects(pair.client.remote.double(1), (error) => isWavsError(error, "link_closed"));
});

Deno.test("an unknown method is refused by name", async () => {
  using pair = linkedPair({});
  await assert.rejects(pair.client.remote.double(1), /Cannot serve "double"/);
});

async function startEchoWorker(records: { message: string; fields: LogFields }[] = [], refuse = false) {
  const controller = new AbortController();
  const workers = new Roster();
  const context = createContext({ log: recordingLogger(records), signal: controller.signal, workers });
  const worker = await startWorker<EchoApi, EchoMain, { refuse: boolean }>({
    name: "echo",
    entry: new URL("./testing/echo_worker.ts", import.meta.url),
    permissions: () => "none",
    logLevel: "info",
    boot: () => ({ boot: { refuse } }),
  }, { context, handlers: { answer: (question) => `${question}: yes` } });
  return {
    worker,
    workers,
    async [Symbol.asyncDispose]() {
      controller.abort();
      worker.close();
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

Deno.test("a worker without permissions answers, asks main, and logs through main", async () => {
  const records: { message: string; fields: LogFields }[] = [];
  await using running = await startEchoWorker(records);
  const { remote } = running.worker;
  assert.deepEqual(await remote.echo({ height: 1n, data: new Uint8Array([1]) }), {
    height: 1n,
    data: new Uint8Array([1]),
  });
  assert.equal(await remote.askMain("really"), "really: yes");
  assert.equal(await remote.environmentAccess(undefined), "denied");
  assert.deepEqual(records.map((record) => record.message), ["asked for the environment"]);
});

Deno.test("a worker whose set-up fails says why", async () => {
  await assert.rejects(startEchoWorker([], true), /told to refuse/);
});

Deno.test("a worker that is restarted on purpose answers again", async () => {
  await using running = await startEchoWorker();
  await running.worker.restart();
  assert.equal(await running.worker.remote.echo("anew"), "anew");
});

Deno.test("a worker that is restarted while it starts comes up once, and calls made in between reach it", async () => {
  const records: { message: string; fields: LogFields }[] = [];
  await using running = await startEchoWorker(records);
  const { worker } = running;
  const restarts = [worker.restart()];
  const calls = [worker.remote.echo(0)];
  for (let index = 1; index < 4; index++) {
    restarts.push(worker.restart());
    calls.push(worker.remote.echo(index));
  }
  await Promise.all(restarts);
  assert.deepEqual(await Promise.all(calls), [0, 1, 2, 3]);
  assert.equal(worker.stats().restarts, 0, "nothing had to be started again after a failure");
  assert.deepEqual(records, []);
});

Deno.test("a worker that was closed is not started any more", async () => {
  await using running = await startEchoWorker();
  running.worker.close();
  await assert.rejects(running.worker.restart(), (error) => isWavsError(error, "worker_lost"));
  await assert.rejects(running.worker.remote.echo(1), (error) => isWavsError(error, "worker_lost"));
});

Deno.test("a worker that crashes is started again and later calls reach it", async () => {
  await using running = await startEchoWorker();
  const { remote } = running.worker;
  await remote.crash(undefined);
  for (let tries = 0; running.worker.stats().restarts === 0; tries++) {
    assert.ok(tries < 500, "the worker was not started again");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(await remote.echo("again"), "again");
});

Deno.test("a worker is alive while its event loop turns, though every call it takes is under way", async () => {
  await using running = await startEchoWorker();
  const { worker, workers } = running;
  for (let call = 0; call < DEFAULT_CREDIT; call++) worker.remote.hang(undefined).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(worker.stats().inFlight, DEFAULT_CREDIT);
  assert.deepEqual(await workers.silent(AbortSignal.timeout(10_000)), []);
});

Deno.test("a worker that is busy for good is named, and one that was started anew is not", async () => {
  await using running = await startEchoWorker();
  const { worker, workers } = running;
  worker.remote.spin(1_000).catch(() => {});
  assert.deepEqual(await workers.silent(AbortSignal.timeout(300)), ["echo"]);
  await worker.restart();
  assert.deepEqual(await workers.silent(AbortSignal.timeout(10_000)), []);
  worker.close();
  assert.deepEqual(await workers.silent(AbortSignal.timeout(10_000)), [], "one that was closed is nobody's concern");
});

Deno.test("the log level of a worker follows, and stays over a restart", async () => {
  const records: { message: string; fields: LogFields }[] = [];
  await using running = await startEchoWorker(records);
  const { remote, restart } = { remote: running.worker.remote, restart: () => running.worker.restart() };
  const said = () => records.splice(0).map(({ message }) => message);
  await remote.log("debug");
  assert.deepEqual(said(), []);
  running.workers.setLogLevel("debug");
  await remote.log("debug");
  assert.deepEqual(said(), ["a record of level debug"]);
  await restart();
  await remote.log("debug");
  assert.deepEqual(said(), ["a record of level debug"]);
  running.workers.setLogLevel("error");
  await remote.log("warn");
  assert.deepEqual(said(), []);
});
