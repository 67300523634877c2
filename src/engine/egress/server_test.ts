import assert from "node:assert/strict";
import { createContext, type Logger } from "@/context/mod.ts";
import type { AllowedHosts } from "@/domain/mod.ts";
import type { HttpExchange } from "../wasi/http_backend.ts";
import { MAX_EXCHANGE_IDLE_MS, MAX_REQUESTS_PER_EXECUTION, MAX_REQUESTS_PER_WORKER } from "./limits.ts";
import { OpenExchanges } from "./open_exchanges.ts";
import { createEgressServer } from "./server.ts";
import { assertHttpError, createManualClock, requestTo } from "./testing/requests.ts";

const SILENT: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  trace: () => {},
  child: () => SILENT,
};
const call = { signal: new AbortController().signal };

/** An exchange that does nothing but say whether it was cancelled. */
function createIdleExchange(): HttpExchange & { isCancelled: boolean; readonly cancelled: Promise<void> } {
  const cancelled = Promise.withResolvers<void>();
  return {
    isCancelled: false,
    cancelled: cancelled.promise,
    write: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    response: () => Promise.reject(new Error("no answer")),
    read: () => Promise.resolve(undefined),
    isAtEnd: false,
    cancel() {
      this.isCancelled = true;
      cancelled.resolve();
    },
  };
}

Deno.test("a host that is not on the list is refused before anything is connected", async () => {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    requests++;
    return new Response();
  });
  const context = createContext({ log: SILENT, signal: call.signal });
  const { handlers: api } = createEgressServer({ allowPrivateNetworks: true }, context);
  const request = requestTo(`http://127.0.0.1:${server.addr.port}/`);
  const lists: AllowedHosts[] = [{ kind: "none" }, { kind: "only", hosts: ["api.example.com"] }];
  for (const allowedHosts of lists) {
    await assertHttpError(() => api.open({ job: 1, exchange: 1, allowedHosts, request }, call), "HTTP-request-denied");
  }
  assert.equal(requests, 0);
  const exchange = 2;
  const only: AllowedHosts = { kind: "only", hosts: ["127.0.0.1"] };
  assert.equal((await api.open({ job: 1, exchange, allowedHosts: only, request }, call))?.status, 200);
  assert.equal(await api.read({ exchange, maxBytes: 10 }, call), undefined);
  await assertHttpError(() => api.read({ exchange, maxBytes: 10 }, call), "connection-terminated");
  await server.shutdown();
});

Deno.test("requests that failed do not count against an execution", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const context = createContext({ log: SILENT, signal: call.signal });
  const { handlers: api } = createEgressServer({ allowPrivateNetworks: true }, context);
  const request = requestTo(`http://127.0.0.1:${listener.addr.port}/`);
  for (let count = 0; count <= MAX_REQUESTS_PER_EXECUTION; count++) {
    const order = { job: 1, exchange: count, allowedHosts: { kind: "all" }, request } as const;
    await assertHttpError(async () => await api.open(order, call), "connection-refused");
  }
});

Deno.test("an execution and a worker have a limited number of requests open", async () => {
  const exchanges = new OpenExchanges(createManualClock());
  let id = 0;
  const open = (job: number) => exchanges.add(++id, job, createIdleExchange);
  open(0);
  for (let count = 1; count < MAX_REQUESTS_PER_EXECUTION; count++) open(0);
  await assertHttpError(() => open(0), "connection-limit-reached");
  exchanges.cancel(1);
  open(0);
  for (let count = exchanges.size; count < MAX_REQUESTS_PER_WORKER; count++) open(count);
  await assertHttpError(() => open(-1), "connection-limit-reached");
});

Deno.test("an exchange nobody calls for is closed, one with a call under way is not", async () => {
  const clock = createManualClock();
  const exchanges = new OpenExchanges(clock);
  const exchange = createIdleExchange();
  const id = 7;
  exchanges.add(id, 1, () => exchange);
  const gate = Promise.withResolvers<void>();
  const using = exchanges.use(id, () => gate.promise);
  clock.passAll(MAX_EXCHANGE_IDLE_MS);
  gate.resolve();
  await using;
  assert.equal(exchange.isCancelled, false);
  clock.passAll(MAX_EXCHANGE_IDLE_MS);
  await exchange.cancelled;
  await assertHttpError(() => exchanges.use(id, () => Promise.resolve()), "connection-terminated");
  assert.equal(exchange.isCancelled, true);
});

Deno.test("a failed write leaves the answer readable, a failed answer ends the exchange", async () => {
  const exchanges = new OpenExchanges(createManualClock());
  const exchange = createIdleExchange();
  const id = 7;
  exchanges.add(id, 1, () => exchange);
  await assert.rejects(exchanges.use(id, () => Promise.reject(new Error("refused the rest"))), /refused the rest/);
  assert.equal(exchanges.size, 1);
  await assert.rejects(exchanges.receive(id, (open) => open.response()), /no answer/);
  assert.equal(exchanges.size, 0);
  assert.equal(exchange.isCancelled, true);
});
