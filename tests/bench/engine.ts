/**
 * What an execution costs: `deno task bench:engine [--json] [--rounds 5] [--executions 300]`.
 *
 * Every number belongs to the machine it is printed with. The lower bound is the bare instantiation of the same core
 * modules, measured by turns with the executions.
 */
import { parseArgs } from "node:util";
import { buildComponents } from "@components/build.ts";
import { machine } from "@tests/support/machine.ts";
import { echoGuest, squareGuest } from "@tests/support/wat_guests.ts";
import type { BenchGuest } from "./bench_guest.ts";
import { type ComponentMeasurement, measureComponent } from "./component_bench.ts";
import { type HttpMeasurement, measureHttp } from "./http_bench.ts";
import { measurePool, type PoolMeasurement } from "./pool_bench.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    executions: { type: "string", default: "300" },
  },
});
const options = { rounds: Number(values.rounds), executions: Number(values.executions) };

const HELLO = "Execution number 1";
const TWELVE = `{"x":12}`;

async function guests(): Promise<BenchGuest[]> {
  const [echo, square] = await Promise.all(
    (await buildComponents({ names: ["echo", "square"] })).map(({ path }) => Deno.readFile(path)),
  );
  if (echo === undefined || square === undefined) throw new Error("the sample components were not built");
  const rust = await Deno.readFile(new URL("../fixtures/rust/square.wasm", import.meta.url));
  return [
    { name: "echo (TypeScript)", bytes: echo, data: HELLO },
    { name: "square (TypeScript)", bytes: square, data: TWELVE },
    { name: "square (Rust)", bytes: rust, data: TWELVE },
    { name: "echo (text)", bytes: await echoGuest(), data: HELLO },
    { name: "square (text)", bytes: await squareGuest(), data: TWELVE },
  ];
}

const COLUMNS: readonly (keyof ComponentMeasurement)[] = [
  "executionsPerSecond",
  "p50Us",
  "p99Us",
  "p50SpreadUs",
  "instantiateUs",
  "callUs",
  "newInstanceUs",
  "lowerBoundUs",
  "lowerBoundSpreadUs",
  "ratioToLowerBound",
  "newInstanceRatio",
  "memoryPerCachedKb",
];

function table(components: readonly ComponentMeasurement[], whole: PoolMeasurement & HttpMeasurement): string {
  const rows = [
    ["", ...components.map(({ component }) => component)],
    ...COLUMNS.map((column) => [column, ...components.map((each) => shown(each[column]))]),
  ];
  const lines = rows.map(([name = "", ...cells]) => name.padEnd(24) + cells.map((cell) => cell.padStart(21)).join(""));
  return [...lines, ...Object.entries(whole).map(([name, value]) => name.padEnd(24) + shown(value))].join("\n");
}

function shown(value: string | number | readonly number[]): string {
  return typeof value === "object" ? value.join(" – ") : String(value);
}

const made = await guests();
const components: ComponentMeasurement[] = [];
for (const guest of made) components.push(await measureComponent(guest, options));
const pool = await measurePool(made[0]?.bytes ?? new Uint8Array(), options);
const http = await measureHttp(options);
const where = await machine();
const report = values.json
  ? JSON.stringify({ bench: "engine", machine: where, ...options, components, pool, http }, undefined, 2)
  : `${where.cpu}, ${where.cores} cores, Deno ${where.deno}\n${table(components, { ...pool, ...http })}`;
await Deno.stdout.write(new TextEncoder().encode(`${report}\n`));
