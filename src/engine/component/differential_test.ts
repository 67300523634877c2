import assert from "node:assert/strict";
import fc from "fast-check";
import { buildComponents } from "@components/build.ts";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { rawAction } from "@tests/support/raw_action.ts";
import { echoGuest, operatorGuest, squareGuest } from "@tests/support/wat_guests.ts";
import { type ComponentRuntime, createComponentRuntime, type HostImports, OPERATOR_WORLD } from "./mod.ts";
import { quietHost } from "./testing/quiet_host.ts";
import { type GuestEncoding, RoundTrip, roundTripGuest } from "./testing/round_trip.ts";
import { type WitType, witTypes } from "./testing/wit_types.ts";
import { witValues } from "./testing/wit_values.ts";

const runtimes = [await createComponentRuntime("direct"), await createComponentRuntime("jco")];

interface Host {
  readonly imports: HostImports;
  readonly asyncImports: ReadonlySet<string>;
}

const NO_HOST: Host = { imports: {}, asyncImports: new Set() };

/** What a run comes to: its value, or the code and text of its error. */
async function outcome(runtime: ComponentRuntime, bytes: Uint8Array, data: string, host: Host): Promise<unknown> {
  const artifact = await runtime.prepare(bytes, { asyncImports: host.asyncImports });
  const component = await runtime.link(artifact, { world: OPERATOR_WORLD, grants: { http: true } });
  using budget = new Budget({ fuel: 50_000_000n, timeoutMs: 10_000 }, { clock: systemClock });
  try {
    const instance = await runtime.instantiate(component, { imports: host.imports, budget });
    return await instance.call("run", [rawAction(new TextEncoder().encode(data))]);
  } catch (error) {
    assert.ok(isWavsError(error), `${runtime.name} threw ${String(error)}`);
    return { code: error.code, reason: error.meta["reason"] };
  }
}

async function assertSame(bytes: Uint8Array, data: string, host: Host = NO_HOST): Promise<unknown> {
  const [direct, jco] = await Promise.all(runtimes.map((runtime) => outcome(runtime, bytes, data, host)));
  assert.deepEqual(direct, jco, data);
  return direct;
}

/** Those jco knows. */
const ENCODINGS = ["utf8", "utf16"] as const;

async function roundTrips(type: WitType, encoding: GuestEncoding): Promise<readonly [RoundTrip, RoundTrip]> {
  const bytes = await roundTripGuest(type, encoding);
  const [direct, jco] = await Promise.all(runtimes.map((runtime) => RoundTrip.load(runtime, bytes)));
  assert.ok(direct !== undefined && jco !== undefined);
  return [direct, jco];
}

Deno.test("both runtimes carry values of every type alike", async () => {
  await fc.assert(
    fc.asyncProperty(witTypes(), fc.constantFrom(...ENCODINGS), async (type, encoding) => {
      const [direct, jco] = await roundTrips(type, encoding);
      for (const value of fc.sample(witValues(type), 3)) {
        assert.deepEqual(await direct.send(value), await jco.send(value));
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("both runtimes replace halves of surrogate pairs alike", async () => {
  const texts = ["\ud83d", "\ude00", "a\ud83db", "\ude00\ud83d", "é\ud83d\ud83d\ude00"];
  for (const encoding of ENCODINGS) {
    const [direct, jco] = await roundTrips({ kind: "primitive", name: "string" }, encoding);
    for (const text of texts) {
      const sent = await direct.send(text);
      assert.deepEqual(sent, await jco.send(text), `${JSON.stringify(text)} as ${encoding}`);
      assert.equal(sent.flat, text.toWellFormed());
    }
  }
});

Deno.test("both runtimes answer alike", async () => {
  const echo = await echoGuest();
  const square = await squareGuest();
  for (const data of ["", "hello", "ä€😀", "x".repeat(100_000)]) await assertSame(echo, data);
  for (const data of [`{"x":0}`, `{"x":7}`, `{"x":4294967295}`]) await assertSame(square, data);
});

Deno.test("both runtimes trap alike", async () => {
  const bodies = [
    "unreachable",
    "(drop (i32.load (i32.const -4)))",
    "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
    "(loop $l (br $l))",
    "(call $recurse)",
  ];
  for (const body of bodies) {
    const guest = await operatorGuest({ body, fields: "(func $recurse (call $recurse))" });
    const { code } = await assertSame(guest, body) as { code: string };
    assert.ok(code === "guest_trap" || code === "out_of_fuel", body);
  }
});

Deno.test("both runtimes wait for host promises alike", async () => {
  const guest = await operatorGuest({
    imports: `(import "host" "config-var" (func $var (param i32 i32 i32)))`,
    fields: `(data (i32.const 1024) "name")`,
    body: `(call $var (i32.const 1024) (i32.const 4) (i32.const 2048))
      (local.set $answer (i32.load (i32.const 2052)))
      (local.set $length (i32.load (i32.const 2056)))`,
  });
  const configVar = (key: string) => new Promise<string>((resolve) => setTimeout(() => resolve(`value of ${key}`), 1));
  await assertSame(guest, "", { imports: { host: { configVar } }, asyncImports: new Set(["host#config-var"]) });
});

Deno.test("both runtimes run a component built by cargo alike", async () => {
  const bytes = await Deno.readFile(new URL("../../../tests/fixtures/rust/square.wasm", import.meta.url));
  const host = { imports: quietHost(), asyncImports: new Set<string>() };
  for (const data of [`{"x":3}`, `{"x":12345}`, "not json", ""]) await assertSame(bytes, data, host);
});

const SAMPLES = ["echo", "square", "block_echo", "cron_echo", "kv_counter", "permissions_probe", "price_oracle"];

for (const name of SAMPLES) {
  Deno.test(`both runtimes run the sample "${name}" alike`, async () => {
    const [built] = await buildComponents({ names: [name] });
    assert.ok(built !== undefined);
    const bytes = await Deno.readFile(built.path);
    const host = { imports: quietHost(), asyncImports: new Set<string>() };
    for (const data of [`{"x":12}`, "not json"]) await assertSame(bytes, data, host);
  });
}
