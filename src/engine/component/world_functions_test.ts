import assert from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "@/context/mod.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { AGGREGATOR_WORLD, type ComponentRuntime, createComponentRuntime, OPERATOR_WORLD } from "./mod.ts";
import { functionGuest, FUNCTIONS } from "./testing/function_guest.ts";
import { linkForItself } from "./testing/own_world.ts";
import type { GuestEncoding } from "./testing/round_trip.ts";
import { parseSignature, type WitFunction } from "./testing/signature_types.ts";
import { THING_IMPORTS } from "./testing/thing.ts";
import { witValues } from "./testing/wit_values.ts";
import type { LoadedComponent } from "./types.ts";

const direct = await createComponentRuntime("direct");
const jco = await createComponentRuntime("jco");
/** jco does not know strings that are Latin-1 or UTF-16. */
const RUNTIMES: Readonly<Record<GuestEncoding, readonly ComponentRuntime[]>> = {
  "utf8": [direct, jco],
  "utf16": [direct, jco],
  "compact-utf16": [direct],
};
/** Calls of each function with values of their own. */
const CALLS = 5;

/** One call: what the guest is given, and what the host answers it. */
interface Call {
  readonly args: readonly unknown[];
  readonly answer: unknown;
}

function calls({ params, result }: WitFunction): fc.Arbitrary<Call> {
  const args = fc.tuple(...params.map(({ type }) => witValues(type)));
  const answer = result === undefined ? fc.constant(undefined) : witValues(result);
  return fc.tuple(args, answer).map(([args, answer]) => ({ args, answer }));
}

/** What the host was called with, and what the guest's caller got. */
async function carry(
  runtime: ComponentRuntime,
  component: LoadedComponent,
  { name, type, call: { args, answer } }: { readonly name: string; readonly type: WitFunction; readonly call: Call },
): Promise<Call> {
  let received: readonly unknown[] = [];
  const host = (...given: readonly unknown[]) => {
    received = given;
    if (type.result?.kind !== "result") return answer;
    const { tag, val } = answer as { readonly tag: "ok" | "err"; readonly val: unknown };
    if (tag === "err") throw val;
    return val;
  };
  using budget = new Budget({ fuel: 10n ** 9n, timeoutMs: 10_000 }, { clock: systemClock });
  using instance = await runtime.instantiate(component, {
    imports: { ...THING_IMPORTS, [FUNCTIONS]: { [name]: host } },
    budget,
  });
  const returned = await instance.call(name, args);
  return { args: received, answer: returned };
}

/** The functions of both worlds by where they come from: an interface, or a world's exports. */
function functionsByPlace(): Map<string, readonly (readonly [name: string, type: WitFunction])[]> {
  const worlds = [OPERATOR_WORLD, AGGREGATOR_WORLD];
  const all = new Map<string, string>();
  for (const { name, imports, exports } of worlds) {
    for (const [key, signature] of imports) all.set(key.startsWith("host#") ? `${name} ${key}` : key, signature);
    for (const [key, signature] of exports) all.set(`${name} exports#${key}`, signature);
  }
  const entries = [...all].map(([key, signature]) => [key, parseSignature(signature)] as const);
  return Map.groupBy(entries, ([key]) => key.slice(0, key.indexOf("#")));
}

async function check(
  functions: readonly (readonly [key: string, type: WitFunction])[],
  encoding: GuestEncoding,
): Promise<void> {
  const bytes = await functionGuest(functions.map(([, type]) => type), encoding);
  for (const runtime of RUNTIMES[encoding]) {
    const component = await linkForItself(runtime, bytes);
    for (const [index, [key, type]] of functions.entries()) {
      for (const call of fc.sample(calls(type), CALLS)) {
        const carried = await carry(runtime, component, { name: `call${index}`, type, call });
        assert.deepEqual(carried, call, `${key} with ${encoding} strings by "${runtime.name}"`);
      }
    }
  }
}

for (const [place, functions] of functionsByPlace()) {
  Deno.test(`both runtimes carry the values of every function of ${place} unchanged`, async () => {
    for (const encoding of ["utf8", "utf16", "compact-utf16"] as const) await check(functions, encoding);
  });
}
