/**
 * Which functions of the two worlds components really called during a test, for the table of `deno task test:engine`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Engine, ExecuteRequest, ExecutionResult } from "@/engine/mod.ts";

/**
 * The variable that names the directory records go to; without it nothing is recorded. Its name does not begin with
 * `WAVS_`: a node warns about those it does not know.
 */
export const RECORDS_VARIABLE = "CALL_RECORDS_OF_TESTS";

/** What the components of one engine called, in one test. */
export interface CallRecord extends TestPlace {
  /** As `worldFunctions` names them, sorted. */
  readonly functions: readonly string[];
}

export interface TestPlace {
  /** Path of the test file, from the project's directory. */
  readonly file: string;
  /** The test's title as the file spells it; absent for an engine that several tests share. */
  readonly title?: string;
}

/** Listens to the engines of one test. Disposing it writes down what it heard. */
export interface CallRecorder extends Disposable {
  listenTo(engine: Engine): void;
}

/** Makes a recorder for the test that asks, at once and not after a promise: whose turn it is, the call stack tells. */
export function startRecorder(): CallRecorder {
  const directory = Deno.env.get(RECORDS_VARIABLE);
  const place = directory === undefined ? undefined : placeOfTest(new Error().stack ?? "");
  if (place === undefined) return { listenTo() {}, [Symbol.dispose]() {} };
  const functions = new Set<string>();
  return {
    listenTo(engine) {
      const execute = engine.execute.bind(engine);
      engine.execute = async (request, signal) => {
        const result = await execute({ ...request, listsHostCalls: true }, signal);
        for (const name of functionsOf(request, result)) functions.add(name);
        return result;
      };
    },
    [Symbol.dispose]() {
      const record: CallRecord = { ...place, functions: [...functions].sort() };
      Deno.writeTextFileSync(`${directory}/${crypto.randomUUID()}.json`, JSON.stringify(record));
    },
  };
}

/** The functions of one execution; an export counts when it answered. */
function functionsOf({ invocation }: ExecuteRequest, result: ExecutionResult): string[] {
  const world = invocation.kind === "run" ? "operator" : "aggregator";
  const imports = (result.report.hostCalls ?? []).map((id) => id.startsWith("host#") ? `${world} ${id}` : id);
  return result.ok ? [...imports, `${world} ${invocation.kind}`] : imports;
}

const ROOT = new URL("../../", import.meta.url).href;

/** The test file is the main module of its process's isolate; the outermost of its frames is in the test itself. */
function placeOfTest(stack: string): TestPlace | undefined {
  const { mainModule } = Deno;
  if (!mainModule.startsWith(ROOT) || !mainModule.endsWith("_test.ts")) return undefined;
  const file = decodeURIComponent(mainModule.slice(ROOT.length));
  const lines = stack.split("\n").filter((frame) => frame.includes(`${mainModule}:`)).map((frame) =>
    Number(/:(\d+):\d+\)?$/.exec(frame)?.[1])
  );
  const title = titleBefore(Deno.readTextFileSync(fileURLToPath(mainModule)), lines.at(-1) ?? 0);
  return title === undefined ? { file } : { file, title };
}

/** The title of the last test that begins in the first `lines` lines. */
function titleBefore(source: string, lines: number): string | undefined {
  const before = source.split("\n").slice(0, lines).join("\n");
  return Array.from(before.matchAll(/\bDeno\.test\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/g)).at(-1)?.[2];
}
