import assert from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "@/context/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { Budget } from "@/engine/metering/mod.ts";
import { type ComponentRuntime, createComponentRuntime } from "./mod.ts";
import { rawBytes, rawCoreValues, rawGuest } from "./testing/raw_guest.ts";
import { linkForItself } from "./testing/own_world.ts";
import { THING_IMPORTS } from "./testing/thing.ts";
import { type WitType, witTypes } from "./testing/wit_types.ts";
import type { LoadedComponent } from "./types.ts";

const direct = await createComponentRuntime("direct");
const jco = await createComponentRuntime("jco");

/** What the canonical ABI has a guest trap for and jco lets pass, as the direct runtime says it. */
const ONLY_DIRECT_TRAPS = /invalid utf-|pointer out of bounds of memory|pointer not aligned|unknown handle index/;
/** Bits that mean nothing: the canonical ABI has them ignored, jco traps. */
const ONLY_JCO_TRAPS = /flags have extraneous bits|invalid variant discriminant for bool|must be between/;

type Outcome = { readonly value: unknown } | { readonly trap: string };

/** What the host sees of the raw values. */
async function lift(
  runtime: ComponentRuntime,
  component: LoadedComponent,
  name: "load" | "call",
  args: readonly unknown[],
): Promise<Outcome> {
  using budget = new Budget({ fuel: 10n ** 9n, timeoutMs: 10_000 }, { clock: systemClock });
  let received: unknown;
  const sink = (value: unknown) => {
    received = value;
  };
  try {
    using instance = await runtime.instantiate(component, { imports: { ...THING_IMPORTS, host: { sink } }, budget });
    const answer = await instance.call(name, args);
    return { value: name === "call" ? received : answer };
  } catch (error) {
    assert.ok(isWavsError(error, "guest_trap"), `${runtime.name} threw ${String(error)}`);
    return { trap: error.message };
  }
}

function assertAlike(ours: Outcome, theirs: Outcome, what: string): void {
  if ("value" in ours && "value" in theirs) assert.deepEqual(ours.value, theirs.value, what);
  else if ("value" in theirs && "trap" in ours) assert.match(ours.trap, ONLY_DIRECT_TRAPS, what);
  else if ("value" in ours && "trap" in theirs) assert.match(theirs.trap, ONLY_JCO_TRAPS, what);
}

Deno.test("both runtimes make the same of what is no proper value, or trap", async () => {
  const check = async (type: WitType, encoding: "utf8" | "utf16") => {
    const bytes = await rawGuest(type, encoding);
    const [ours, theirs] = await Promise.all([linkForItself(direct, bytes), linkForItself(jco, bytes)]);
    const inMemory = fc.sample(rawBytes(type), 6).map((raw) => ["load", [raw]] as const);
    const inCoreValues = fc.sample(rawCoreValues(type), 6).map((values) => ["call", values] as const);
    for (const [name, args] of [...inMemory, ...inCoreValues]) {
      const what = `${name} ${args.join()} as ${JSON.stringify(type)} with ${encoding} strings`;
      assertAlike(await lift(direct, ours, name, args), await lift(jco, theirs, name, args), what);
    }
  };
  await fc.assert(fc.asyncProperty(witTypes(), fc.constantFrom("utf8", "utf16"), check), { numRuns: 60 });
});
