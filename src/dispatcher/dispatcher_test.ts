import assert from "node:assert/strict";
import type { QuorumOutcome, Standing, StandingRequest, SubmitOutcome, SubmitRequest } from "@/aggregator/types.ts";
import { createContext, type Logger } from "@/context/mod.ts";
import {
  type AggregatorAction,
  type Bytes32,
  type ChainKey,
  parseEvmAddress,
  parseService,
  serializeError,
  type Service,
  type ServiceId,
  serviceIdOf,
  WavsError,
  type WorkflowId,
} from "@/domain/mod.ts";
import type { ExecuteRequest, ExecutionOutcome, ExecutionResult } from "@/engine/types.ts";
import { MAX_BLOCKS_PER_LOOK } from "@/journal/limits.ts";
import { type EventState, Journal } from "@/journal/mod.ts";
import { Quorum, SignerWeights } from "@/quorum/mod.ts";
import type { RegisteredService } from "@/services/types.ts";
import type { SignEnvelopeRequest } from "@/signer/types.ts";
import { type Database, openDatabase } from "@/storage/mod.ts";
import type { DetectedEvent, TriggerIdentity } from "@/triggers/types.ts";
import { startDispatcher } from "./mod.ts";

const SILENT: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  trace: () => {},
  child: () => SILENT,
};
const CHAIN = "evm:31337" as ChainKey;
const REPORT = { fuelUsed: 1n, elapsedMs: 1, logs: [], droppedLogs: 0, refusals: new Map() };
const WRITES = { store: () => {}, [Symbol.dispose]: () => {} };
const RESPONSES: ExecutionOutcome = {
  kind: "responses",
  responses: [{ payload: new Uint8Array([1]), ordering: undefined, eventIdSalt: undefined }],
};
const SUBMIT: ExecutionOutcome = {
  kind: "actions",
  actions: [{
    kind: "submit",
    target: { kind: "evm", chain: CHAIN, address: `0x${"22".repeat(20)}` as never, gasPrice: undefined },
  }],
};
const LANDED: SubmitOutcome = {
  kind: "landed",
  landing: { txHash: `0x${"33".repeat(32)}` as Bytes32, blockNumber: 5n, blockHash: `0x${"55".repeat(32)}` as Bytes32 },
  gasUsed: 21_000n,
};

function service(overrides: { address?: string; submit?: string; status?: string } = {}): Service {
  const component = JSON.stringify({ source: { digest: "ab".repeat(32) }, permissions: {}, config: {}, env_keys: [] });
  const submit = overrides.submit ??
    `{"aggregator":{"component":${component},"signature_kind":{"algorithm":"secp256k1","prefix":"eip191"}}}`;
  return parseService(`{
    "name": "demo",
    "workflows": { "default": { "trigger": "manual", "component": ${component}, "submit": ${submit} } },
    "status": "${overrides.status ?? "active"}",
    "manager": { "evm": { "chain": "${CHAIN}", "address": "0x${overrides.address ?? "11".repeat(20)}" } }
  }`);
}

function detected(serviceId: ServiceId, identity: string): DetectedEvent {
  return {
    serviceId,
    workflowId: "default" as WorkflowId,
    trigger: { kind: "manual" },
    data: { kind: "Raw", data: new TextEncoder().encode(identity) },
    identity: identity as TriggerIdentity,
    block: undefined,
    detectedAtMs: 0,
  };
}

interface Script {
  readonly execute?: (request: ExecuteRequest) => Promise<ExecutionResult> | ExecutionResult;
  readonly validate?: () => QuorumOutcome;
  readonly submit?: (request: SubmitRequest) => SubmitOutcome;
  readonly standing?: (request: StandingRequest) => Standing;
}

/** A dispatcher over a real journal, with scripted neighbours and a clock that never makes anybody wait. */
function stage(script: Script, services: Service[] = [service()]) {
  const database = openDatabase({ path: ":memory:", durability: "process" });
  const controller = new AbortController();
  const real = createContext({ log: SILENT, signal: controller.signal });
  let nowMs = 1_000;
  const clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await new Promise((resolve) => setTimeout(resolve));
      if (!signal?.aborted) nowMs += ms;
    },
  };
  const context = { ...real, clock };
  const journal = new Journal({ database, clock });
  const registered = new Map(services.map((definition, index): [ServiceId, RegisteredService] => {
    const serviceId = serviceIdOf(definition.manager);
    return [serviceId, { serviceId, service: definition, digest: "" as never, hdIndex: index + 1 }];
  }));
  const calls: string[] = [];
  const signed: SignEnvelopeRequest[] = [];
  const dispatcher = startDispatcher({ submissionTtlMs: 60_000, rankDelayMs: 0 }, {
    context,
    journal,
    engine: {
      execute: async (request) => {
        calls.push(request.invocation.kind);
        if (script.execute !== undefined) return await script.execute(request);
        return { ok: true, report: REPORT, writes: WRITES, outcome: defaultOutcome(request) };
      },
    },
    signer: {
      signEnvelope: (request) => {
        signed.push(request);
        return Promise.resolve({ signer: `0x${"44".repeat(20)}` as never, signature: new Uint8Array(65) });
      },
    },
    quorum: new Quorum({
      context,
      journal,
      weights: new SignerWeights({ clock, ask: () => Promise.resolve(2n) }),
      validate: () => Promise.resolve(script.validate?.() ?? { kind: "reached", referenceBlock: 1 }),
    }),
    aggregator: {
      submit: async (request) => {
        await Promise.resolve();
        return script.submit?.(request) ?? LANDED;
      },
      standing: (request) => Promise.resolve(script.standing?.(request) ?? { head: 1_000_000n, gone: [] }),
    },
    services: { get: (serviceId) => registered.get(serviceId), chains: () => [] },
  });
  const ended = (count: number) =>
    new Promise<EventState[]>((resolve) => {
      const ends: EventState[] = [];
      journal.observe((change) => {
        if (change.subject !== "event" || !["final", "dead", "skipped"].includes(change.state)) return;
        ends.push(change.state);
        if (ends.length === count) resolve(ends);
      });
    });
  return {
    database,
    journal,
    calls,
    signed,
    serviceIds: [...registered.keys()],
    ended,
    shutDown: () => controller.abort(),
    async [Symbol.asyncDispose]() {
      controller.abort();
      await dispatcher[Symbol.asyncDispose]();
      await new Promise((resolve) => setTimeout(resolve, 5));
      database[Symbol.dispose]();
    },
  };
}

function defaultOutcome(request: ExecuteRequest): ExecutionOutcome {
  switch (request.invocation.kind) {
    case "run":
      return RESPONSES;
    case "process-input":
      return SUBMIT;
    case "handle-timer-callback":
      return { kind: "actions", actions: [] };
    case "handle-submit-callback":
      return { kind: "done" };
  }
}

function first(ids: readonly ServiceId[]): ServiceId {
  const [id] = ids;
  assert.ok(id);
  return id;
}

Deno.test("a trigger is executed, signed, validated, aggregated, submitted and called back, in this order", async () => {
  await using scene = stage({});
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["final"]);
  assert.deepEqual(scene.calls, ["run", "process-input", "handle-submit-callback"]);
  assert.deepEqual(scene.signed.map(({ hdIndex, kind }) => [hdIndex, kind.prefix]), [[1, "eip191"]]);
});

Deno.test("with submit none the execution is all that happens", async () => {
  await using scene = stage({}, [service({ submit: '"none"' })]);
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["final"]);
  assert.deepEqual(scene.calls, ["run"]);
  assert.equal(scene.signed.length, 0);
});

Deno.test("triggers of paused and of unknown services are skipped with the reason", async () => {
  await using scene = stage({}, [service({ status: "paused" })]);
  const ended = scene.ended(2);
  const unknown = serviceIdOf(service({ address: "99".repeat(20) }).manager);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a"), detected(unknown, "b")]);
  assert.deepEqual(await ended, ["skipped", "skipped"]);
  assert.deepEqual([1, 2].map((id) => scene.journal.events.get(id).reason).sort(), [
    "its service is not registered",
    "its service is paused",
  ]);
  assert.equal(scene.calls.length, 0);
});

Deno.test("a trap is a dead letter at once, an error of the component only after three tries", async () => {
  for (const [code, tries] of [["guest_trap", 1], ["guest_error", 3]] as const) {
    const error = serializeError(new WavsError(code, { message: `failed with ${code}`, retryable: false }));
    await using scene = stage({ execute: () => ({ ok: false, report: REPORT, writes: WRITES, error }) });
    const ended = scene.ended(1);
    scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
    assert.deepEqual(await ended, ["dead"], code);
    assert.equal(scene.calls.length, tries, code);
    assert.match(scene.journal.events.get(1).reason ?? "", new RegExp(`failed with ${code}`));
  }
});

Deno.test("an engine that fails is tried until it works", async () => {
  let failures = 10;
  await using scene = stage({
    execute: (request) => {
      if (failures-- > 0) throw new WavsError("worker_lost", { message: "The worker ended", retryable: true });
      return { ok: true, report: REPORT, writes: WRITES, outcome: defaultOutcome(request) };
    },
  });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["final"]);
});

Deno.test("a quorum that is not there yet is asked for again, by the clock", async () => {
  let asked = 0;
  await using scene = stage({
    validate: () =>
      ++asked < 4
        ? { kind: "insufficient", signerWeight: 1n, thresholdWeight: 2n, totalWeight: 3n }
        : { kind: "reached", referenceBlock: 9 },
  });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["final"]);
  assert.equal(asked, 4);
  assert.equal(scene.signed.length, 1, "it was signed once");
});

Deno.test("a quorum that never comes ends as a dead letter once the response expires", async () => {
  await using scene = stage({ validate: () => ({ kind: "signer_not_registered" }) });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["dead"]);
  assert.match(scene.journal.events.get(1).reason ?? "", /does not know the signing key .* \(given up after/);
});

Deno.test("a second envelope for the same event id is never signed", async () => {
  const responses = (byte: number): ExecutionOutcome => ({
    kind: "responses",
    responses: [{ payload: new Uint8Array([byte]), ordering: undefined, eventIdSalt: new Uint8Array([7]) }],
  });
  let runs = 0;
  await using scene = stage({
    execute: (request) => ({
      ok: true,
      report: REPORT,
      writes: WRITES,
      outcome: request.invocation.kind === "run" ? responses(++runs) : defaultOutcome(request),
    }),
  });
  const ended = scene.ended(2);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a"), detected(first(scene.serviceIds), "b")]);
  assert.deepEqual((await ended).sort(), ["dead", "final"]);
  assert.equal(scene.signed.length, 1);
});

/** One event id, by its salt, whatever triggers it; `decided` is what the aggregator component answers to each. */
function sameEventId(decided: () => ExecutionOutcome): Pick<Script, "execute"> {
  const response = { payload: new Uint8Array([1]), ordering: undefined, eventIdSalt: new Uint8Array([7]) };
  return {
    execute: (request) => {
      const outcome: ExecutionOutcome = request.invocation.kind === "run"
        ? { kind: "responses", responses: [response] }
        : request.invocation.kind === "process-input"
        ? decided()
        : defaultOutcome(request);
      return { ok: true, report: REPORT, writes: WRITES, outcome };
    },
  };
}

function submitTo(address: string, gasPrice?: bigint): AggregatorAction {
  return { kind: "submit", target: { kind: "evm", chain: CHAIN, address: parseEvmAddress(address), gasPrice } };
}

Deno.test("an event is brought to a handler once, however often components ask for it", async () => {
  const [one, other] = [`0x${"22".repeat(20)}`, `0x${"23".repeat(20)}`] as const;
  const handlers: string[] = [];
  await using scene = stage({
    ...sameEventId(() => ({ kind: "actions", actions: [submitTo(one), submitTo(one, 5n), submitTo(other)] })),
    submit: ({ target }) => {
      if (target.kind === "evm") handlers.push(target.address);
      return LANDED;
    },
  });
  const ended = scene.ended(2);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a"), detected(first(scene.serviceIds), "b")]);
  assert.deepEqual(await ended, ["final", "final"]);
  assert.deepEqual(handlers.sort(), [one, other]);
  assert.equal(scene.calls.filter((kind) => kind === "handle-submit-callback").length, 2, "each is told of once");
  const burned = [1, 2].flatMap((id) => scene.journal.actions.ofSubmission(id)).filter((row) =>
    row.outcome === undefined
  );
  assert.deepEqual(burned.map(({ state }) => state), ["final", "final", "final", "final"]);
});

Deno.test("an action that fails for good leaves its event to the next one", async () => {
  let tries = 0;
  await using scene = stage({
    ...sameEventId(() => SUBMIT),
    submit: () => {
      if (tries++ === 0) throw new WavsError("handler_reverted", { message: "The handler reverted", retryable: false });
      return LANDED;
    },
  });
  const ended = scene.ended(2);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a"), detected(first(scene.serviceIds), "b")]);
  assert.deepEqual((await ended).sort(), ["dead", "final"]);
  assert.equal(tries, 2);
});

Deno.test("a failed submit callback does not undo what landed", async () => {
  await using scene = stage({
    execute: (request) =>
      request.invocation.kind === "handle-submit-callback"
        ? {
          ok: false,
          report: REPORT,
          writes: WRITES,
          error: serializeError(new WavsError("guest_trap", { message: "trap", retryable: false })),
        }
        : { ok: true, report: REPORT, writes: WRITES, outcome: defaultOutcome(request) },
  });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["final"]);
});

Deno.test("a handler that reverts makes a dead letter and the component hears of it", async () => {
  await using scene = stage({
    submit: () => {
      throw new WavsError("handler_reverted", { message: "The handler reverted", retryable: false });
    },
  });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["dead"]);
  assert.deepEqual(scene.calls, ["run", "process-input", "handle-submit-callback"]);
});

Deno.test("a service with a long queue does not hold up another one", async () => {
  const [busy, quiet] = [service(), service({ address: "55".repeat(20) })];
  const order: ServiceId[] = [];
  await using scene = stage({
    execute: async (request) => {
      if (request.invocation.kind === "run") order.push(request.serviceId);
      await new Promise((resolve) => setTimeout(resolve));
      return { ok: true, report: REPORT, writes: WRITES, outcome: defaultOutcome(request) };
    },
  }, [busy, quiet]);
  const [busyId, quietId] = scene.serviceIds;
  assert.ok(busyId && quietId);
  const ended = scene.ended(101);
  scene.journal.recordEvents(Array.from({ length: 100 }, (_, index) => detected(busyId, `busy ${index}`)));
  scene.journal.recordEvents([detected(quietId, "quiet")]);
  await ended;
  assert.ok(order.indexOf(quietId) < 20, `the quiet service came ${order.indexOf(quietId)}th`);
});

Deno.test("a disk that is full holds work up and loses none", async () => {
  const big: ExecutionOutcome = {
    kind: "responses",
    responses: [{ payload: new Uint8Array(100_000), ordering: undefined, eventIdSalt: undefined }],
  };
  const setLimit = (database: Database, pages: number) => database.sql(`PRAGMA max_page_count = ${pages}`).get();
  let runs = 0;
  await using scene = stage({
    execute: (request) => {
      if (request.invocation.kind === "run" && ++runs === 3) setLimit(scene.database, 1_000_000);
      const outcome = request.invocation.kind === "run" ? big : defaultOutcome(request);
      return { ok: true, report: REPORT, writes: WRITES, outcome };
    },
  });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  // Room for the small rows and not for the response.
  setLimit(scene.database, Number(scene.database.sql("PRAGMA page_count").get()?.page_count) + 20);
  assert.deepEqual(await ended, ["final"]);
  assert.equal(runs, 3, "what could not be recorded was done again, once per pause");
  assert.equal(scene.signed.length, 1);
});

Deno.test("work that the shutdown cuts is left to the next start", async () => {
  const cut = Promise.withResolvers<void>();
  await using scene = stage({
    execute: (request) => {
      if (request.invocation.kind !== "handle-submit-callback") {
        return { ok: true, report: REPORT, writes: WRITES, outcome: defaultOutcome(request) };
      }
      scene.shutDown();
      cut.resolve();
      // A loop would let no timer run, and no test end: the hundredth time around waits for ever.
      if (scene.calls.length > 100) return new Promise(() => {});
      throw new DOMException("the node is stopping", "AbortError");
    },
  });
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  await cut.promise;
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(scene.calls, ["run", "process-input", "handle-submit-callback"]);
  assert.equal(scene.journal.actions.get(1).state, "submitted");
});

Deno.test("what a reorg took away is submitted again, until its block is deep enough, and the component hears of it once", async () => {
  const other: SubmitOutcome = {
    ...LANDED,
    landing: { ...LANDED.landing, blockNumber: 6n, blockHash: `0x${"66".repeat(32)}` as Bytes32 },
  };
  let submitted = 0;
  const looks: StandingRequest[] = [];
  const settled = Promise.withResolvers<void>();
  await using scene = stage({
    submit: () => [LANDED, other][submitted++] ?? other,
    standing: (request) => {
      looks.push(request);
      const [block] = request.blocks;
      if (block?.number === 5n && looks.length > 1) return { head: 8n, gone: [block] };
      if (looks.length < 6) return { head: 68n, gone: [] };
      settled.resolve();
      return { head: 70n, gone: [] };
    },
  });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["final"]);
  await settled.promise;
  while (scene.journal.landings.chains().length > 0) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(submitted, 2);
  assert.deepEqual(looks.map(({ blocks }) => blocks.map(({ number }) => number)), [[5n], [5n], [6n], [6n], [6n], [6n]]);
  assert.deepEqual(scene.calls, ["run", "process-input", "handle-submit-callback"]);
  assert.equal(scene.journal.events.get(1).state, "final");
});

Deno.test("nothing counts as there for good before it was looked at, however much landed at once", async () => {
  const landings = MAX_BLOCKS_PER_LOOK + 20;
  const looked = new Set<bigint>();
  let submitted = 0;
  let isGrown = false;
  await using scene = stage({
    submit: () => {
      const blockNumber = BigInt(++submitted);
      const blockHash = `0x${blockNumber.toString(16).padStart(64, "0")}` as Bytes32;
      return { ...LANDED, landing: { ...LANDED.landing, blockNumber, blockHash } };
    },
    standing: ({ blocks }) => {
      if (!isGrown) return { head: 0n, gone: [] };
      for (const { number } of blocks) looked.add(number);
      return { head: 1_000_000n, gone: [] };
    },
  });
  const ended = scene.ended(landings);
  const events = Array.from({ length: landings }, (_, index) => detected(first(scene.serviceIds), `event ${index}`));
  scene.journal.recordEvents(events);
  await ended;
  isGrown = true;
  while (scene.journal.landings.chains().length > 0) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(looked.size, landings);
});

Deno.test("what a reorg took away and cannot be brought back is given up once it expires", async () => {
  let submitted = 0;
  await using scene = stage({
    submit: () => {
      if (submitted++ === 0) return LANDED;
      throw new WavsError("insufficient_funds", { message: "No money left", retryable: true });
    },
    standing: ({ blocks }) => ({ head: 8n, gone: blocks }),
  });
  const ended = scene.ended(1);
  scene.journal.recordEvents([detected(first(scene.serviceIds), "a")]);
  assert.deepEqual(await ended, ["final"]);
  while (submitted < 2 || scene.journal.landings.due(Number.MAX_SAFE_INTEGER, 1, []).length > 0) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.ok(submitted > 3, `it was tried ${submitted} times`);
});
