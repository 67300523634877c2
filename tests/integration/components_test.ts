import assert from "node:assert/strict";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import {
  AGGREGATOR_WORLD,
  type ComponentInstance,
  createComponentRuntime,
  type HostImports,
  type LoadedComponent,
  OPERATOR_WORLD,
  type WorldTable,
} from "@/engine/component/mod.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { buildComponents } from "@components/build.ts";
import { encodeText, toHex } from "@components/testing/bytes.ts";
import { ASYNC_IMPORTS, createTestHost, wrapInput } from "@components/testing/host.ts";
import type { ComponentVector, ExpectedAnswer } from "@components/testing/vector.ts";
import { COMPONENT_VECTORS } from "@components/testing/vectors.ts";

/** Far above what any vector needs. */
const LIMITS = { fuel: 10_000_000_000n, timeoutMs: 30_000 };

const RUST_SQUARE = new URL("../fixtures/rust/square.wasm", import.meta.url);

const runtime = await createComponentRuntime("direct");

async function load(path: string | URL, world: WorldTable, http = true): Promise<LoadedComponent> {
  const artifact = await runtime.prepare(await Deno.readFile(path), { asyncImports: ASYNC_IMPORTS });
  return await runtime.link(artifact, { world, grants: { http } });
}

async function withInstance<T>(
  component: LoadedComponent,
  imports: HostImports,
  use: (instance: ComponentInstance) => Promise<T>,
): Promise<T> {
  using budget = new Budget(LIMITS, { clock: systemClock });
  return await use(await runtime.instantiate(component, { imports, budget }));
}

function expectedValue(expected: Extract<ExpectedAnswer, { kind: "responses" | "value" | "error" }>): unknown {
  switch (expected.kind) {
    case "error":
      return { tag: "err", val: expected.text };
    case "value":
      return { tag: "ok", val: expected.value };
    case "responses":
      return { tag: "ok", val: expected.responses };
  }
}

/** Responses are compared as hex, so that a failure can be read. */
function readable(answer: unknown, expected: ExpectedAnswer): unknown {
  if (expected.kind !== "responses") return answer;
  const { tag, val } = answer as { tag: string; val: { payload: Uint8Array; eventIdSalt?: Uint8Array }[] };
  if (tag !== "ok") return answer;
  return {
    tag,
    val: val.map(({ payload, eventIdSalt }) => ({
      payload: toHex(payload),
      ...(eventIdSalt === undefined ? {} : { salt: toHex(eventIdSalt) }),
    })),
  };
}

async function check(component: LoadedComponent, vector: ComponentVector): Promise<void> {
  const args = [wrapInput(vector.data, vector.exportName)];
  if (vector.txResult !== undefined) args.push(vector.txResult);
  const { imports, state } = createTestHost(vector);
  const answer = withInstance(component, imports, (instance) => instance.call(vector.exportName, args));
  if (vector.expected.kind === "trap") {
    await assert.rejects(answer, (error) => isWavsError(error, "guest_trap"));
    assert.equal(state.lines.at(-1)?.level, "error", "the reason for a trap belongs in the log");
    return;
  }
  assert.deepEqual(readable(await answer, vector.expected), expectedValue(vector.expected));
}

Deno.test("the sample components answer as specified", async (t) => {
  const loaded = new Map<string, LoadedComponent>();
  for (const { name, path } of await buildComponents()) {
    loaded.set(name, await load(path, name.endsWith("aggregator") ? AGGREGATOR_WORLD : OPERATOR_WORLD));
  }
  for (const vector of COMPONENT_VECTORS) {
    await t.step(`${vector.component}: ${vector.name}`, async () => {
      const component = loaded.get(vector.component);
      assert.ok(component, `there is no component "${vector.component}"`);
      await check(component, vector);
    });
  }
});

Deno.test("the aggregators note how a submission ended", async (t) => {
  for (const { name, path } of await buildComponents({ names: ["simple_aggregator", "timer_aggregator"] })) {
    await t.step(name, async () => {
      const component = await load(path, AGGREGATOR_WORLD);
      const { imports, state } = createTestHost();
      const input = wrapInput({ tag: "raw", val: new Uint8Array() }, "handle-submit-callback");
      await withInstance(
        component,
        imports,
        (instance) => instance.call("handle-submit-callback", [input, { tag: "err", val: "no quorum" }]),
      );
      assert.deepEqual(
        state.values,
        new Map([["submit-result/completed", encodeText("true")], ["submit-result/success", encodeText("false")]]),
      );
    });
  }
});

/** Those that speak HTTP, or might. */
const ASK_FOR_HTTP = ["permissions_probe", "price_oracle", "simple_aggregator", "timer_aggregator"];

Deno.test("a component asks for HTTP when its source imports it, and not otherwise", async () => {
  for (const { name, path } of await buildComponents()) {
    const world = name.endsWith("aggregator") ? AGGREGATOR_WORLD : OPERATOR_WORLD;
    const linked = load(path, world, false);
    if (ASK_FOR_HTTP.includes(name)) {
      await assert.rejects(linked, (error) => isWavsError(error, "component_import_denied"), name);
    } else await linked;
  }
});

Deno.test("a component built by a Rust toolchain runs", async (t) => {
  const component = await load(RUST_SQUARE, OPERATOR_WORLD, false);
  const cases = [
    { name: "square", data: { tag: "raw", val: encodeText('{"x":5}') }, payload: '{"y":25}' },
    { name: "echo", data: { tag: "raw", val: encodeText("hello") }, payload: "hello" },
    {
      name: "all 64 bits of a time",
      data: { tag: "cron", val: { triggerTime: { nanos: 1_700_000_000_000_000_001n } } },
      payload: "1700000000000000001",
    },
  ];
  for (const { name, data, payload } of cases) {
    await t.step(name, async () => {
      const { imports, state } = createTestHost();
      const answer = await withInstance(
        component,
        imports,
        (instance) => instance.call("run", [wrapInput(data, "run")]),
      );
      const response = { payload: encodeText(payload), ordering: undefined, eventIdSalt: undefined };
      assert.deepEqual(answer, { tag: "ok", val: [response] });
      assert.deepEqual(state.lines, [{ level: "info", message: `answering with ${payload.length} bytes` }]);
    });
  }
});
