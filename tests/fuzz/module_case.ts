import { isWavsError } from "@/domain/errors.ts";
import { systemClock } from "@/context/mod.ts";
import { Snapshot } from "@/engine/component/direct/snapshot.ts";
import {
  Budget,
  fuelOf,
  instantiateMetered,
  isReservedName,
  type MeteredModule,
  meterModule,
  startOf,
  stateOf,
} from "@/engine/metering/mod.ts";
import { checkMetered } from "./metered_walk.ts";

/** How a case ended that found nothing. */
export type CaseOutcome = "refused" | "accepted" | "ran";

const MAX_PAGES = 64;
const FUEL = 100_000n;
/** Far more than so much fuel takes on a loaded machine. */
const MAX_RUN_MS = 5000;

/** Meters bytes that may be a module. @throws Error when the pass breaks a promise */
export function checkModule(bytes: Uint8Array<ArrayBuffer>): CaseOutcome {
  const isValid = WebAssembly.validate(bytes);
  let metered: MeteredModule;
  try {
    metered = meterModule(bytes, { maxMemoryPages: MAX_PAGES });
  } catch (error) {
    assertWavsError(error);
    if (isValid && error.code === "component_invalid") throw new Error(`a valid module is refused: ${error.message}`);
    return "refused";
  }
  // The loader never gets here with such a module; the pass must survive it all the same.
  if (!isValid) return "refused";
  if (!WebAssembly.validate(metered.bytes)) throw new Error("a valid module is metered into an invalid one");
  const { grows } = checkMetered(metered.bytes, MAX_PAGES);
  const trace = runMetered(metered);
  if (trace === undefined) return "accepted";
  if (!grows && trace.every((step) => !IS_LIMIT.test(step))) {
    assertSameTrace(trace, runPlain(bytes), "metered it behaves differently");
  }
  return "ran";
}

export function assertWavsError(error: unknown): asserts error is Error & { readonly code: string } {
  if (!isWavsError(error)) throw new Error("it throws something else than a WavsError", { cause: error });
}

/** An end that depends on the limits, not on the module. */
const IS_LIMIT = /out_of_fuel|call stack/;

/** What every exported function answered, and what was left in memory; undefined when it wants what nobody has. */
function runMetered({ bytes, isRestorable }: MeteredModule): string[] | undefined {
  const module = new WebAssembly.Module(bytes);
  const imports = stubImports(module);
  if (imports === undefined) return undefined;
  let budget = newBudget();
  let exports: WebAssembly.Exports = {};
  const made = ending(() => {
    const instance = instantiateMetered(module, imports, () => budget);
    startOf(instance.exports)?.();
    exports = instance.exports;
  });
  // Its start function trapped: WebAssembly leaves no instance then.
  if (made !== DONE) return [made];
  const states = [stateOf(exports)];
  const snapshot = isRestorable ? Snapshot.take(states) : undefined;
  const startFuel = budget.used();
  const calls = callAll(exports);
  assertWithin(budget);
  if (snapshot?.restore(states) === true) {
    budget.removeFuelCell(fuelOf(exports));
    budget = newBudget();
    budget.addFuelCell(fuelOf(exports));
    // As for every execution on a kept instance: the limit is met where it was met before.
    budget.spend(startFuel);
    const again = callAll(exports);
    const runsDeep = [...calls, ...again].some((step) => /call stack/.test(step));
    if (!runsDeep) assertSameTrace(again, calls, "put back to its first state it behaves differently");
  }
  return [made, ...calls];
}

function newBudget(): Budget {
  return new Budget({ fuel: FUEL, timeoutMs: MAX_RUN_MS }, { clock: systemClock });
}

function assertWithin(budget: Budget): void {
  if (budget.elapsedMs() > MAX_RUN_MS) throw new Error(`it ran longer than ${MAX_RUN_MS} ms`);
  if (budget.used() > FUEL) throw new Error(`it used ${budget.used()} fuel`);
}

function runPlain(bytes: Uint8Array<ArrayBuffer>): string[] {
  const module = new WebAssembly.Module(bytes);
  let exports: WebAssembly.Exports = {};
  const made = ending(() => {
    exports = new WebAssembly.Instance(module, stubImports(module)).exports;
  });
  return [made, ...callAll(exports)];
}

function callAll(exports: WebAssembly.Exports): string[] {
  const own = Object.entries(exports).filter(([name]) => !isReservedName(name));
  const calls = own.flatMap(([name, value]) =>
    typeof value === "function" ? [`${name}: ${ending(() => (value as CallableFunction)(3, 5, 7))}`] : []
  );
  const memories = own.flatMap(([name, value]) =>
    value instanceof WebAssembly.Memory ? [`${name}: ${hash(value.buffer)}`] : []
  );
  return [...calls, ...memories];
}

/** The ending of what answers nothing. */
const DONE = "undefined";

function ending(work: () => unknown): string {
  try {
    return String(work());
  } catch (error) {
    if (isWavsError(error)) return error.code;
    const isTrap = error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.LinkError ||
      error instanceof RangeError || error instanceof TypeError;
    if (!isTrap) throw error;
    // Function and segment numbers in the text are those after metering.
    return `${error.name}: ${error.message.replaceAll(/\d+|"[^"]*"/g, "")}`;
  }
}

function stubImports(module: WebAssembly.Module): WebAssembly.Imports | undefined {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== "function") return undefined;
    (imports[from] ??= {})[name] = (value: unknown) => typeof value === "number" ? value ^ 1 : 0;
  }
  return imports;
}

/** Over every 7th byte is enough to tell two runs apart, and quick. */
function hash(buffer: ArrayBufferLike): string {
  const bytes = new Uint8Array(buffer);
  let sum = bytes.length;
  for (let i = 0; i < bytes.length; i += 7) sum = Math.imul(sum, 31) + (bytes[i] ?? 0) | 0;
  return String(sum);
}

function assertSameTrace(found: readonly string[], expected: readonly string[], what: string): void {
  if (found.join("\n") === expected.join("\n")) return;
  throw new Error(`${what}:\n${found.join("\n")}\ninstead of\n${expected.join("\n")}`);
}
