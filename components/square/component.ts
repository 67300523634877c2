/**
 * Answers JSON `{"x": n}` with `{"y": n * n}`, wrapping at 64 bits (spec/engine.md 6.3).
 *
 * @module
 */
import { textOperator } from "../wavs/mod.ts";
import { parseJson } from "../wavs/json.ts";

export const run = textOperator((text) => {
  const x = parseJson(text).field("x").u64();
  return `{"y":${BigInt.asUintN(64, x * x)}}`;
});
