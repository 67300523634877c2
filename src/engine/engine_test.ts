import assert from "node:assert/strict";
import type { WorkflowId } from "@/domain/mod.ts";
import { failureOf, payloadsOf, runService, serviceOf, startEngine, uploadSamples } from "@tests/support/engine.ts";

for (const carrier of ["in-thread", "worker"] as const) {
  Deno.test(`${carrier}: real components in the real pool`, async (t) => {
    await using started = await startEngine({ carrier, environment: { WAVS_ENV_GREETING: "hello", SECRET: "never" } });
    const { engine } = started;
    const [echo, square, aggregator] = await uploadSamples(engine, "echo", "square", "simple_aggregator");
    assert.ok(echo && square && aggregator);

    await t.step("echo answers what it was given, and its cost is told", async () => {
      const result = await runService(engine, serviceOf({ operator: echo }), '{"x":12}');
      assert.deepEqual(payloadsOf(result), ['{"x":12}']);
      assert.ok(result.report.fuelUsed > 0n);
      assert.ok(result.report.elapsedMs > 0);
    });

    await t.step("square squares, and an error of the component is its text", async () => {
      const service = serviceOf({ operator: square });
      assert.match(payloadsOf(await runService(engine, service, '{"x":5}'))[0] ?? "", /\{"y":25\}/);
      const { code, message } = failureOf(await runService(engine, service, "nope"));
      assert.equal(code, "guest_error");
      assert.match(message, /^Wasm exec result: /);
    });

    await t.step("a component sees its own configuration", async () => {
      const service = serviceOf({ operator: echo, config: { foo: "bar" } });
      assert.deepEqual(payloadsOf(await runService(engine, service, "configvar:foo")), ["bar"]);
      assert.match(
        failureOf(await runService(engine, service, "configvar:other")).message,
        /config var other not found/,
      );
    });

    await t.step("a component sees listed WAVS_ENV variables and no others", async () => {
      const service = serviceOf({ operator: echo, envKeys: ["WAVS_ENV_GREETING", "SECRET"] });
      assert.deepEqual(payloadsOf(await runService(engine, service, "envvar:WAVS_ENV_GREETING")), ["hello"]);
      assert.match(failureOf(await runService(engine, service, "envvar:SECRET")).message, /env var SECRET not found/);
    });

    await t.step("several responses need a salt each", async () => {
      const service = serviceOf({ operator: echo, config: { "event-id-salt-1": "a", "event-id-salt-2": "b" } });
      assert.equal(payloadsOf(await runService(engine, service, "multi-response")).length, 2);
      assert.equal(failureOf(await runService(engine, service, "multi-response-bad")).code, "missing_event_id_salt");
    });

    await t.step("a hot loop is cut at its time limit", async () => {
      const config = { "sleep-kind": "hotloop", "sleep-ms": "20000" };
      const result = await runService(engine, serviceOf({ operator: echo, config, timeLimitSeconds: 1 }), "x");
      assert.equal(failureOf(result).code, "out_of_time");
      assert.ok(result.report.elapsedMs < 1250, `it was cut after ${result.report.elapsedMs} ms`);
    });

    await t.step("a sleeping component is cut at its time limit", async () => {
      const config = { "sleep-kind": "async", "sleep-ms": "20000" };
      const result = await runService(engine, serviceOf({ operator: echo, config, timeLimitSeconds: 1 }), "x");
      assert.equal(failureOf(result).code, "out_of_time");
      assert.ok(result.report.elapsedMs < 1250, `it was cut after ${result.report.elapsedMs} ms`);
    });

    await t.step("too little fuel ends an execution", async () => {
      const { code, message } = failureOf(
        await runService(engine, serviceOf({ operator: square, fuelLimit: 1000 }), '{"x":5}'),
      );
      assert.equal(code, "out_of_fuel");
      assert.match(message, /^Max fuel consumed by WasmEngine for service: [0-9a-f]{64}, workflow: default/);
    });

    await t.step("sleeping executions run side by side", async () => {
      const service = serviceOf({ operator: echo, config: { "sleep-kind": "async", "sleep-ms": "500" } });
      const startedAt = performance.now();
      const results = await Promise.all(Array.from({ length: 16 }, () => runService(engine, service, "z")));
      assert.ok(results.every((result) => result.ok));
      assert.ok(performance.now() - startedAt < 16 * 500, "they waited for each other");
    });

    await t.step("an operator component is refused as an aggregator, by name", async () => {
      const service = serviceOf({ operator: square });
      const workflow = service.workflows.get("default" as WorkflowId);
      assert.ok(workflow);
      await engine.prepare(workflow.component, "operator");
      await assert.rejects(
        engine.prepare(workflow.component, "aggregator"),
        /does not export "handle-submit-callback"/,
      );
    });

    await t.step("the aggregator names the handler and remembers how the submission went", async () => {
      const handler = "0x00000000000000000000000000000000deadbeef";
      const service = serviceOf({
        operator: square,
        aggregator,
        config: { chain: "evm:31337", service_handler: handler },
      });
      const response = { payload: new Uint8Array(), ordering: undefined, eventIdSalt: undefined };
      const eventId = `0x${"01".repeat(20)}` as never;
      const decided = await runService(engine, service, "", {
        invocation: { kind: "process-input", response, eventId },
      });
      assert.ok(decided.ok, decided.ok ? "" : decided.error.message);
      assert.deepEqual(decided.outcome, {
        kind: "actions",
        actions: [{
          kind: "submit",
          target: { kind: "evm", chain: "evm:31337", address: handler, gasPrice: undefined },
        }],
      });
      const result = { kind: "evm", txHash: new Uint8Array(32) } as const;
      const told = await runService(engine, service, "", {
        invocation: { kind: "handle-submit-callback", response, eventId, result },
      });
      assert.ok(told.ok, told.ok ? "" : told.error.message);
    });
  });

  Deno.test(`${carrier}: what is no component is refused and not stored`, async () => {
    await using started = await startEngine({ carrier });
    await assert.rejects(started.engine.upload(new TextEncoder().encode("foobarbaz")), /component/i);
    assert.deepEqual(await started.engine.digests(), []);
  });
}
