/**
 * Runs tests and compares what their components called with the functions of both worlds.
 *
 *     deno task test:engine                the engine's tests, then the check
 *     deno task test:engine --update       the same, and writes the table anew
 *     deno task test                       every test, then the check (--every-test)
 *     deno task test PATH…                 these tests only, and no check, for the others are missing
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type CallRecord, RECORDS_VARIABLE, type TestPlace } from "@tests/support/call_records.ts";
import { worldFunctions } from "./functions.ts";
import { findTests, type Row } from "./rows.ts";
import { readTable, renderTable } from "./table.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TABLE = new URL("README.md", import.meta.url);

/** Where components run in the engine. */
const ENGINE_TESTS = ["components", "src/engine", "tests/integration"];

interface Flags {
  readonly update: boolean;
  readonly everyTest: boolean;
  /** For `deno test`. */
  readonly rest: readonly string[];
}

async function main(flags: Flags): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "wavs-calls-" });
  try {
    const selection = flags.rest.length > 0 || flags.everyTest ? flags.rest : ENGINE_TESTS;
    const code = await runTests(selection, directory);
    return code !== 0 || flags.rest.length > 0 ? code : await compare(readRecords(directory), flags);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function runTests(selection: readonly string[], records: string): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", ...selection],
    cwd: ROOT,
    env: { [RECORDS_VARIABLE]: records },
  });
  return (await command.spawn().status).code;
}

function readRecords(directory: string): CallRecord[] {
  return Array.from(
    Deno.readDirSync(directory),
    ({ name }) => JSON.parse(Deno.readTextFileSync(`${directory}/${name}`)) as CallRecord,
  );
}

async function compare(records: readonly CallRecord[], { update }: Flags): Promise<number> {
  const functions = worldFunctions();
  const before = readTable(await readTableFile(), functions);
  const rows = findTests(functions, records, before);
  if (update) await writeTableFile(rows);
  const bare = rows.filter(({ test }) => test === undefined);
  const stale = update
    ? []
    : rows.filter(({ function: { key }, test }) => test !== undefined && before.get(key) !== test);
  for (const row of bare) say(`No test has a component call ${nameOf(row)}`);
  for (const row of stale) say(`The table is wrong about ${nameOf(row)}: ${wrongAbout(before.get(row.function.key))}`);
  if (stale.length > 0) say("Run deno task test:engine --update and commit tests/world_coverage/README.md");
  if (bare.length + stale.length === 0) say(`All ${rows.length} functions of both worlds are called in tests`);
  return bare.length + stale.length === 0 ? 0 : 1;
}

function nameOf({ function: { world, group, name } }: Row): string {
  return `"${group}#${name}"${world === "both" ? "" : ` of the ${world} world`}`;
}

function wrongAbout(named: TestPlace | undefined): string {
  return named === undefined ? "it names no test" : `"${named.title ?? named.file}" does not call it`;
}

async function readTableFile(): Promise<string> {
  try {
    return await Deno.readTextFile(TABLE);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function writeTableFile(rows: readonly Row[]): Promise<void> {
  await Deno.writeTextFile(TABLE, renderTable(rows));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(TABLE)], cwd: ROOT }).output();
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function parseFlags(args: readonly string[]): Flags {
  const rest = args.filter((arg) => arg !== "--update" && arg !== "--every-test");
  return { update: args.includes("--update"), everyTest: args.includes("--every-test"), rest };
}

if (import.meta.main) Deno.exitCode = await main(parseFlags(Deno.args));
