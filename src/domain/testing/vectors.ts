import vectorsJson from "../../../tests/fixtures/vectors.json" with { type: "json" };

/** The vectors of spec/wire.md as data. */
export const vectors = vectorsJson;

/** One row of a vector table is one test, so a run shows how many rows there are. */
export function vectorTest(where: string, row: string, check: () => void | Promise<void>): void {
  Deno.test(`vector: ${where} ${row}`, check);
}
