import { fileURLToPath } from "node:url";
import { WavsError } from "@/domain/errors.ts";

/** Something TypeScript has against a source. */
export interface SourceError {
  readonly path: string;
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;
  /** `TS2322: Type 'string' is not assignable to type 'number'.` */
  readonly text: string;
}

/**
 * Checks the types of a component's sources.
 *
 * @param configPath the `deno.json` whose imports and options hold
 * @returns what is wrong, in the compiler's order
 * @throws WavsError `component_build_failed` when the check itself fails
 */
export async function checkTypes(entry: string, configPath: string): Promise<SourceError[]> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", configPath, entry],
    env: { NO_COLOR: "1" },
  }).output();
  if (success) return [];
  const output = new TextDecoder().decode(stderr);
  const errors = readErrors(output);
  if (errors.length > 0) return errors;
  throw new WavsError("component_build_failed", {
    message: `Cannot check the types of "${entry}" because ${output.trim()}`,
    retryable: false,
  });
}

/** Takes the errors out of what `deno check` prints: a line that begins one, the source, and a line that says where. */
export function readErrors(output: string): SourceError[] {
  const errors: SourceError[] = [];
  let text: string | undefined;
  for (const line of output.split("\n")) {
    const begins = /^(?:(TS\d+) \[ERROR\]|error): (.*)$/.exec(line);
    if (begins !== null) text = begins[1] === undefined ? begins[2] : `${begins[1]}: ${begins[2]}`;
    const place = /^\s+at (file:\/\/\S+):(\d+):(\d+)$/.exec(line);
    if (place === null || text === undefined) continue;
    const [, url = "", row = "", column = ""] = place;
    errors.push({ path: fileURLToPath(url), line: Number(row), column: Number(column), text });
    text = undefined;
  }
  return errors;
}
