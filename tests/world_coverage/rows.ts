import type { CallRecord, TestPlace } from "@tests/support/call_records.ts";
import type { WorldFunction } from "./functions.ts";

/** A function and a test whose component calls it; none when no test does. */
export interface Row {
  readonly function: WorldFunction;
  readonly test: TestPlace | undefined;
}

/** Names a test in maps. */
export function testKey({ file, title }: TestPlace): string {
  return title === undefined ? file : `${file}\n${title}`;
}

/** Puts what several engines of one test saw together. */
export function callsByTest(records: readonly CallRecord[]): Map<string, CallRecord> {
  const tests = new Map<string, CallRecord>();
  for (const record of records) {
    const functions = [...tests.get(testKey(record))?.functions ?? [], ...record.functions];
    tests.set(testKey(record), { ...record, functions: [...new Set(functions)].sort() });
  }
  return tests;
}

/**
 * Finds a test for every function.
 *
 * What the table said stays as long as it is true, so that a new test changes no row. Otherwise it is the test that is most
 * about the function's interface: the one with the largest share of its calls there.
 *
 * @param before the test the table named for each function, by key of the function
 */
export function findTests(
  functions: readonly WorldFunction[],
  records: readonly CallRecord[],
  before: ReadonlyMap<string, TestPlace>,
): Row[] {
  const tests = callsByTest(records);
  const groupOf = new Map(functions.map(({ key, group }) => [key, group]));
  const share = ({ functions }: CallRecord, group: string) =>
    functions.filter((key) => groupOf.get(key) === group).length / functions.length;
  return functions.map((each) => {
    const named = before.get(each.key);
    if (named !== undefined && tests.get(testKey(named))?.functions.includes(each.key) === true) {
      return { function: each, test: named };
    }
    const [best] = [...tests.values()].filter(({ functions }) => functions.includes(each.key)).sort((a, b) =>
      share(b, each.group) - share(a, each.group) || (testKey(a) < testKey(b) ? -1 : 1)
    );
    return { function: each, test: best === undefined ? undefined : placeOf(best) };
  });
}

function placeOf({ file, title }: TestPlace): TestPlace {
  return title === undefined ? { file } : { file, title };
}
