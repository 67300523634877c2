import assert from "node:assert/strict";
import { isWavsError } from "../errors.ts";
import { canonicalJson, jsonMap, jsonObject, parseJson, printJson } from "./mod.ts";

Deno.test("floats show a point or an exponent", () => {
  const cases = [
    [1, "1.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [-1.5, "-1.5"],
    [0.1, "0.1"],
    [123.456, "123.456"],
    [0.00001, "0.00001"],
    [0.0000015, "1.5e-6"],
    [1e15, "1000000000000000.0"],
    [1234567890123456.7, "1234567890123456.8"],
    [1e16, "1e+16"],
    [1.25e21, "1.25e+21"],
    [5e-324, "5e-324"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
  ] as const;
  for (const [value, text] of cases) assert.equal(printJson(value), text);
});

Deno.test("integers are printed in full", () => {
  assert.equal(
    printJson([18446744073709551615n, -9223372036854775808n]),
    "[18446744073709551615,-9223372036854775808]",
  );
});

Deno.test("what JSON cannot hold is refused", () => {
  for (const value of [NaN, Infinity, 2n ** 64n, -(2n ** 63n) - 1n]) {
    assert.throws(() => printJson([value]), (error) => isWavsError(error, "invalid_value"), String(value));
  }
});

Deno.test("texts are escaped as little as possible", () => {
  assert.equal(
    printJson('"\\/\b\f\n\r\t\u0001\u001fé\u2028\u{1f600}\u007f'),
    '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001fé\u2028\u{1f600}\u007f"',
  );
});

Deno.test("members are printed in the order they are held", () => {
  assert.equal(printJson(jsonObject({ b: 1n, a: undefined, c: [] })), '{"b":1,"a":null,"c":[]}');
});

Deno.test("a map is printed in UTF-8 order of its keys", () => {
  assert.equal(printJson(jsonMap([["\u{1f600}", 1n], ["\uffee", 2n], ["a", 3n]])), '{"a":3,"\uffee":2,"\u{1f600}":1}');
});

Deno.test("canonical JSON is sorted at every depth", () => {
  const value = parseJson('{"b":[{"d":1,"c":2}],"a":{"z":null,"y":{"x":1.0,"w":1}}}');
  assert.equal(printJson(canonicalJson(value)), '{"a":{"y":{"w":1,"x":1.0},"z":null},"b":[{"c":2,"d":1}]}');
});
