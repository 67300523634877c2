import assert from "node:assert/strict";
import { buildComponents } from "@components/build.ts";
import { createContext, type Logger } from "@/context/mod.ts";
import { type ComponentDigest, parseService, type Service, serviceIdOf, type WorkflowId } from "@/domain/mod.ts";
import { KeyValues, openDatabase } from "@/storage/mod.ts";
import { createEngine } from "./mod.ts";
import type { Engine, ExecutionResult } from "./types.ts";

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {}, trace() {}, child: () => SILENT };

async function startEngine(environment: Record<string, string> = {}) {
  const dataDirectory = await Deno.makeTempDir();
  const database = openDatabase({ path: ":memory:", durability: "process" });
  const controller = new AbortController();
  const engine = await createEngine({
    dataDirectory,
    runtime: "direct",
    logLevel: "warn",
    componentCacheSize: 4,
    workers: 2,
    allowPrivateNetworks: true,
    ceilings: { maxFuel: undefined, maxExecutionSeconds: undefined, maxMemoryMb: 64 },
  }, {
    context: createContext({ log: SILENT, signal: controller.signal }),
    keyValue: new KeyValues(database),
    readEnv: (name) => environment[name],
  });
  return {
    engine,
    async [Symbol.asyncDispose]() {
      controller.abort();
      await engine[Symbol.asyncDispose]();
      database[Symbol.dispose]();
      await Deno.remove(dataDirectory, { recursive: true });
    },
  };
}

async function upload(engine: Engine, ...names: string[]): Promise<ComponentDigest[]> {
  const built = await buildComponents({ names });
  return await Promise.all(built.map(async ({ path }) => await engine.upload(await Deno.readFile(path))));
}

interface ServiceShape {
  readonly operator: string;
  readonly aggregator?: string;
  readonly config?: Record<string, string>;
  readonly envKeys?: readonly string[];
  readonly timeLimitSeconds?: number;
  readonly fuelLimit?: number;
}

function serviceOf(shape: ServiceShape): Service {
  const component = (digest: string, hosts: unknown) => ({
    source: { digest },
    permissions: { allowed_http_hosts: hosts },
    config: shape.config ?? {},
    env_keys: shape.envKeys ?? [],
    time_limit_seconds: shape.timeLimitSeconds ?? null,
    fuel_limit: shape.fuelLimit ?? null,
  });
  return parseService(JSON.stringify({
    name: "test",
    workflows: {
      default: {
        trigger: "manual",
        component: component(shape.operator, "none"),
        submit: {
          aggregator: {
            component: component(shape.aggregator ?? shape.operator, "all"),
            signature_kind: { algorithm: "secp256k1", prefix: "eip191" },
          },
        },
      },
    },
    status: "active",
    manager: { evm: { chain: "evm:31337", address: "0x5fbdb2315678afecb367f032d93f642f64180aa3" } },
  }));
}

function run(engine: Engine, service: Service, text: string): Promise<ExecutionResult> {
  const workflowId = "default" as WorkflowId;
  const serviceId = serviceIdOf(service.manager);
  const config = { serviceId, workflowId, trigger: { kind: "manual" } as const };
  const action = { config, data: { kind: "Raw" as const, data: new TextEncoder().encode(text) } };
  return engine.execute({ serviceId, service, workflowId, action, invocation: { kind: "run" }, chains: [] });
}

function payloads(result: ExecutionResult): string[] {
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  assert.equal(result.outcome.kind, "responses");
  return result.outcome.kind === "responses"
    ? result.outcome.responses.map(({ payload }) => new TextDecoder().decode(payload))
    : [];
}

function failure(result: ExecutionResult): { readonly code: string; readonly message: string } {
  assert.ok(!result.ok, "the execution should have failed");
  return result.error;
}

Deno.test("real components in the real pool", async (t) => {
  await using started = await startEngine({ WAVS_ENV_GREETING: "hello", SECRET: "never" });
  const { engine } = started;
  const [echo, square, aggregator] = await upload(engine, "echo", "square", "simple_aggregator");
  assert.ok(echo && square && aggregator);

  await t.step("echo answers what it was given, and its cost is told", async () => {
    const result = await run(engine, serviceOf({ operator: echo }), '{"x":12}');
    assert.deepEqual(payloads(result), ['{"x":12}']);
    assert.ok(result.report.fuelUsed > 0n);
    assert.ok(result.report.elapsedMs > 0);
  });

  await t.step("square squares, and an error of the component is its text", async () => {
    const service = serviceOf({ operator: square });
    assert.match(payloads(await run(engine, service, '{"x":5}'))[0] ?? "", /\{"y":25\}/);
    const { code, message } = failure(await run(engine, service, "nope"));
    assert.equal(code, "guest_error");
    assert.match(message, /^Wasm exec result: /);
  });

  await t.step("a component sees its own configuration", async () => {
    const service = serviceOf({ operator: echo, config: { foo: "bar" } });
    assert.deepEqual(payloads(await run(engine, service, "configvar:foo")), ["bar"]);
    assert.match(failure(await run(engine, service, "configvar:other")).message, /config var other not found/);
  });

  await t.step("a component sees listed WAVS_ENV variables and no others", async () => {
    const service = serviceOf({ operator: echo, envKeys: ["WAVS_ENV_GREETING", "SECRET"] });
    assert.deepEqual(payloads(await run(engine, service, "envvar:WAVS_ENV_GREETING")), ["hello"]);
    assert.match(failure(await run(engine, service, "envvar:SECRET")).message, /env var SECRET not found/);
  });

  await t.step("several responses need a salt each", async () => {
    const service = serviceOf({ operator: echo, config: { "event-id-salt-1": "a", "event-id-salt-2": "b" } });
    assert.equal(payloads(await run(engine, service, "multi-response")).length, 2);
    assert.equal(failure(await run(engine, service, "multi-response-bad")).code, "missing_event_id_salt");
  });

  await t.step("a hot loop is cut at its time limit", async () => {
    const config = { "sleep-kind": "hotloop", "sleep-ms": "20000" };
    const result = await run(engine, serviceOf({ operator: echo, config, timeLimitSeconds: 1 }), "x");
    assert.equal(failure(result).code, "out_of_time");
    assert.ok(result.report.elapsedMs < 1250, `it was cut after ${result.report.elapsedMs} ms`);
  });

  await t.step("a sleeping component is cut at its time limit", async () => {
    const config = { "sleep-kind": "async", "sleep-ms": "20000" };
    const result = await run(engine, serviceOf({ operator: echo, config, timeLimitSeconds: 1 }), "x");
    assert.equal(failure(result).code, "out_of_time");
    assert.ok(result.report.elapsedMs < 1250, `it was cut after ${result.report.elapsedMs} ms`);
  });

  await t.step("too little fuel ends an execution", async () => {
    const { code, message } = failure(await run(engine, serviceOf({ operator: square, fuelLimit: 1000 }), '{"x":5}'));
    assert.equal(code, "out_of_fuel");
    assert.match(message, /^Max fuel consumed by WasmEngine for service: [0-9a-f]{64}, workflow: default/);
  });

  await t.step("sleeping executions run side by side", async () => {
    const service = serviceOf({ operator: echo, config: { "sleep-kind": "async", "sleep-ms": "500" } });
    const startedAt = performance.now();
    const results = await Promise.all(Array.from({ length: 16 }, () => run(engine, service, "z")));
    assert.ok(results.every((result) => result.ok));
    assert.ok(performance.now() - startedAt < 16 * 500, "they waited for each other");
  });

  await t.step("an operator component is refused as an aggregator, by name", async () => {
    const service = serviceOf({ operator: square });
    const workflow = service.workflows.get("default" as WorkflowId);
    assert.ok(workflow);
    await engine.prepare(workflow.component, "operator");
    await assert.rejects(engine.prepare(workflow.component, "aggregator"), /imports "host#get-event-id" with the type/);
  });

  await t.step("the aggregator names the handler and remembers how the submission went", async () => {
    const handler = "0x00000000000000000000000000000000deadbeef";
    const service = serviceOf({
      operator: square,
      aggregator,
      config: { chain: "evm:31337", service_handler: handler },
    });
    const workflowId = "default" as WorkflowId;
    const serviceId = serviceIdOf(service.manager);
    const response = { payload: new Uint8Array(), ordering: undefined, eventIdSalt: undefined };
    const eventId = `0x${"01".repeat(20)}` as never;
    const chain = {
      kind: "evm" as const,
      key: "evm:31337" as never,
      chainId: "31337",
      wsEndpoints: [],
      httpEndpoint: undefined,
      faucetEndpoint: undefined,
      wsPriorityEndpointIndex: undefined,
    };
    const request = {
      serviceId,
      service,
      workflowId,
      action: {
        config: { serviceId, workflowId, trigger: { kind: "manual" as const } },
        data: { kind: "Raw" as const, data: new Uint8Array() },
      },
      chains: [chain],
    };
    const decided = await engine.execute({ ...request, invocation: { kind: "process-input", response, eventId } });
    assert.ok(decided.ok, decided.ok ? "" : decided.error.message);
    assert.deepEqual(decided.outcome, {
      kind: "actions",
      actions: [{ kind: "submit", target: { kind: "evm", chain: "evm:31337", address: handler, gasPrice: undefined } }],
    });
    const told = await engine.execute({
      ...request,
      invocation: {
        kind: "handle-submit-callback",
        response,
        eventId,
        result: { kind: "evm", txHash: new Uint8Array(32) },
      },
    });
    assert.ok(told.ok, told.ok ? "" : told.error.message);
  });
});

Deno.test("what is no component is refused and not stored", async () => {
  await using started = await startEngine();
  await assert.rejects(started.engine.upload(new TextEncoder().encode("foobarbaz")), /component/i);
  assert.deepEqual(await started.engine.digests(), []);
});
