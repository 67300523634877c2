import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { buildComponents } from "@components/build.ts";
import { isWavsError, type Service, type WorkflowId } from "@/domain/mod.ts";
import { failureOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { operatorGuest } from "@tests/support/wat_guests.ts";
import type { Engine, ExecutionResult, Invocation } from "./types.ts";

const INPUTS = ["", `{"x":5}`, "hello", "ä€😀", "multi-response", "configvar:greeting", "x".repeat(50_000)];

const CONFIG = {
  greeting: "hello",
  "event-id-salt-1": "a",
  "event-id-salt-2": "b",
  chain: "evm:31337",
  service_handler: `0x${"ab".repeat(20)}`,
};

/** A service that runs a component as operator or, if it is for that world, as aggregator. */
async function serviceFor(engine: Engine, digest: string): Promise<{ service: Service; isOperator: boolean }> {
  const service = serviceOf({ operator: digest, config: CONFIG, fileSystem: true, http: true, timeLimitSeconds: 10 });
  const component = service.workflows.get("default" as WorkflowId)?.component;
  assert.ok(component);
  try {
    await engine.prepare(component, "operator");
    return { service, isOperator: true };
  } catch (error) {
    assert.ok(isWavsError(error) && /^component_(import|export)_/.test(error.code), String(error));
    await engine.prepare(component, "aggregator");
    return { service, isOperator: false };
  }
}

/** All of a result that does not depend on the machine or the runtime. */
function essence(result: ExecutionResult): unknown {
  const logs = result.report.logs.map(({ level, message }) => ({ level, message }));
  return result.ok
    ? { outcome: result.outcome, logs }
    : { code: result.error.code, message: result.error.message, logs };
}

function invocations(): Invocation[] {
  const told = { response: { payload: new Uint8Array([1]), ordering: undefined, eventIdSalt: undefined } };
  const eventId = `0x${"01".repeat(20)}` as never;
  return [
    { kind: "process-input", ...told, eventId },
    { kind: "handle-timer-callback", ...told, eventId },
    { kind: "handle-submit-callback", ...told, eventId, result: { kind: "evm", txHash: new Uint8Array(32) } },
  ];
}

async function answers(engine: Engine, bytes: Uint8Array): Promise<unknown[]> {
  const { service, isOperator } = await serviceFor(engine, await engine.upload(bytes));
  const results: unknown[] = [];
  for (const input of INPUTS) {
    for (const invocation of isOperator ? [{ kind: "run" } as const] : invocations()) {
      results.push(essence(await runService(engine, service, input, { invocation })));
    }
  }
  return results;
}

Deno.test("every sample component answers the same over both runtimes, in workers without permissions", async (t) => {
  await using direct = await startEngine({ runtime: "direct" });
  await using jco = await startEngine({ runtime: "jco" });
  for (const { name, path } of await buildComponents()) {
    await t.step(name, async () => {
      const bytes = await Deno.readFile(path);
      assert.deepEqual(await answers(jco.engine, bytes), await answers(direct.engine, bytes));
    });
  }
});

Deno.test("jco: names that could be code are refused before anything of them is evaluated", async () => {
  await using started = await startEngine({ runtime: "jco" });
  const name = 'a\\"];globalThis.escaped=1;//';
  const wat = `(component
    (core module $M (func (export "${name}") (result i32) (i32.const 1)))
    (core instance $m (instantiate $M))
    (func (export "run") (result u32) (canon lift (core func $m "${name}"))))`;
  await assert.rejects(started.engine.upload(await parse(wat)), /core-level name/);
  assert.deepEqual(await started.engine.digests(), []);
});

Deno.test("jco: limits hold as they do in the node's own runtime", async () => {
  await using started = await startEngine({ runtime: "jco" });
  const { engine } = started;
  const loop = await engine.upload(await operatorGuest({ body: "(loop $l (br $l))" }));
  const slow = await runService(engine, serviceOf({ operator: loop, timeLimitSeconds: 1 }), "");
  assert.equal(failureOf(slow).code, "out_of_time");
  assert.ok(slow.report.elapsedMs < 1250, `it was cut after ${slow.report.elapsedMs} ms`);
  const greedy = await runService(engine, serviceOf({ operator: loop, fuelLimit: 1_000_000 }), "");
  assert.equal(failureOf(greedy).code, "out_of_fuel");
});
