import assert from "node:assert/strict";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { failureOf, payloadsOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { hostileGuests } from "@tests/support/hostile_guests.ts";
import { echoGuest, operatorGuest } from "@tests/support/wat_guests.ts";
import { MAX_LOG_BYTES } from "./limits.ts";

const MB = 1024 * 1024;

const spinner = await operatorGuest({ body: "(loop $l (br $l))" });
/** Answers how many bytes (4, little-endian) of what it could get. */
const hungry = (grow: string, size: string) => `
  (loop $l (br_if $l (i32.ne (i32.const -1) ${grow})))
  (i32.store (i32.const 1024) ${size})
  (local.set $answer (i32.const 1024)) (local.set $length (i32.const 4))`;

async function answeredNumber(bytes: Uint8Array, maxMemoryMb: number): Promise<number> {
  await using started = await startEngine({ ceilings: { ...UNLIMITED, maxMemoryMb } });
  const { engine } = started;
  const result = await runService(engine, serviceOf({ operator: await engine.upload(bytes) }), "");
  assert.ok(result.ok && result.outcome.kind === "responses", result.ok ? "" : result.error.message);
  const payload = result.outcome.responses[0]?.payload ?? new Uint8Array();
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
}

const UNLIMITED = { maxFuel: undefined, maxExecutionSeconds: undefined, maxMemoryMb: 64 };

Deno.test("the node's fuel ceiling holds whatever a component asks for, and a component may ask for less", async () => {
  await using started = await startEngine({ ceilings: { ...UNLIMITED, maxFuel: 5_000_000n } });
  const { engine } = started;
  const operator = await engine.upload(spinner);
  for (
    const [fuelLimit, spent] of [[undefined, 5_000_000n], [2 ** 53 - 1, 5_000_000n], [1_000_000, 1_000_000n]] as const
  ) {
    const result = await runService(
      engine,
      serviceOf({ operator, ...(fuelLimit === undefined ? {} : { fuelLimit }) }),
      "",
    );
    assert.equal(failureOf(result).code, "out_of_fuel");
    assert.match(failureOf(result).message, new RegExp(`\\(limit ${spent}\\)$`));
    assert.equal(result.report.fuelUsed, spent, "all of it is spent, and reported");
  }
});

Deno.test("the node's time ceiling holds whatever a component asks for, and a component may ask for less", async () => {
  await using started = await startEngine({ ceilings: { ...UNLIMITED, maxExecutionSeconds: 2n } });
  const { engine } = started;
  const operator = await engine.upload(spinner);
  const limits = [[undefined, 2000], [3600, 2000], [1, 1000]] as const;
  await Promise.all(limits.map(async ([timeLimitSeconds, limitMs]) => {
    const shape = timeLimitSeconds === undefined ? {} : { timeLimitSeconds };
    const result = await runService(engine, serviceOf({ operator, ...shape }), "");
    assert.equal(failureOf(result).code, "out_of_time");
    const { elapsedMs } = result.report;
    assert.ok(elapsedMs >= limitMs && elapsedMs < limitMs + 250, `${elapsedMs} ms with a limit of ${limitMs} ms`);
  }));
});

Deno.test("memory grows to the node's ceiling and no further", async () => {
  const guest = await operatorGuest({ body: hungry("(memory.grow (i32.const 1))", "(memory.size)") });
  for (const maxMemoryMb of [1, 16]) assert.equal(await answeredNumber(guest, maxMemoryMb) * 65536, maxMemoryMb * MB);
});

Deno.test("tables grow to their limit and no further", async () => {
  const guest = await operatorGuest({
    fields: "(table $t 10 funcref)",
    body: hungry("(table.grow $t (ref.null func) (i32.const 1000))", "(table.size $t)"),
  });
  const entries = await answeredNumber(guest, 64);
  assert.ok(entries > 90_000 && entries <= 100_000, `${entries} entries`);
});

Deno.test("a component that starts above a limit is refused when it is uploaded", async () => {
  await using started = await startEngine({ ceilings: { ...UNLIMITED, maxMemoryMb: 4 } });
  const components = {
    "65 pages of memory": `(core module $M (memory 65)) (core instance (instantiate $M))`,
    "a table of a million": `(core module $M (table 1000000 funcref)) (core instance (instantiate $M))`,
    "17 tables": `(core module $M ${"(table 1 funcref)".repeat(17)}) (core instance (instantiate $M))`,
    "101 core instances": `(core module $M) ${"(core instance (instantiate $M))".repeat(101)}`,
    "9 memories": `(core module $M (memory 1)) ${"(core instance (instantiate $M))".repeat(9)}`,
    "65 component instances": `(component $C) ${"(instance (instantiate $C))".repeat(65)}`,
  };
  for (const [what, fields] of Object.entries(components)) {
    const bytes = await parse(`(component ${fields})`);
    await assert.rejects(started.engine.upload(bytes), { code: "component_too_large", retryable: false }, what);
  }
  assert.deepEqual(await started.engine.digests(), []);
});

Deno.test("the same execution costs the same fuel every time", async () => {
  await using started = await startEngine();
  const { engine } = started;
  const service = serviceOf({ operator: await engine.upload(await echoGuest()) });
  const costs = new Set<bigint>();
  for (let times = 0; times < 5; times++) {
    const result = await runService(engine, service, "hello");
    assert.deepEqual(payloadsOf(result), ["hello"]);
    costs.add(result.report.fuelUsed);
  }
  const [cost = 0n] = costs;
  assert.ok(costs.size === 1 && cost > 0n && cost < 1000n, [...costs].join(", "));
});

Deno.test("every way to break a limit ends that execution by its name, and the next one runs", async (t) => {
  await using started = await startEngine({ workers: 1 });
  const { engine } = started;
  const honest = serviceOf({ operator: await engine.upload(await echoGuest()) });
  for (const { name, bytes, limits, endsWith } of await hostileGuests()) {
    await t.step(`a guest that ${name}`, async () => {
      const result = await runService(engine, serviceOf({ operator: await engine.upload(bytes), ...limits }), "data");
      const { code, message } = failureOf(result);
      assert.ok(endsWith.includes(code), `it ended with ${code}: ${message}`);
      const logged = result.report.logs.reduce((sum, line) => sum + line.message.length, 0);
      assert.ok(logged <= MAX_LOG_BYTES, `${logged} characters were logged`);
      assert.deepEqual(payloadsOf(await runService(engine, honest, "still here")), ["still here"]);
    });
  }
});
