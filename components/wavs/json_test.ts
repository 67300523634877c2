import assert from "node:assert/strict";
import fc from "fast-check";
import { parseJson } from "./json.ts";

function accepts(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("the reader accepts exactly what JSON.parse accepts", () => {
  const fragments = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "x",
    "\\n",
    "\\u00e9",
    "\\q",
    "1",
    "-",
    "0",
    ".5",
    "e3",
    "true",
    "null",
    " ",
  );
  const broken = fc.array(fragments, { maxLength: 9 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      assert.equal(accepts(parseJson, text), accepts(JSON.parse, text), text);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("integers keep all 64 bits", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
    assert.equal(parseJson(`{"a":{"x":${number}}}`).field("a").field("x").u64(), number);
  }));
});

Deno.test("errors name line and column", () => {
  const cases: [text: string, message: string][] = [
    ["", "EOF while parsing a value at line 1 column 0"],
    ["nope", "expected ident at line 1 column 2"],
    ["hello", "expected value at line 1 column 1"],
    ['{"x":1} 2', "trailing characters at line 1 column 9"],
    ['{\n"x" 1}', "expected `:` at line 2 column 5"],
    ["{x:1}", "key must be a string at line 1 column 2"],
    ['{"x":1', "EOF while parsing an object at line 1 column 6"],
    ["[1 2]", "expected `,` or `]` at line 1 column 4"],
  ];
  for (const [text, message] of cases) assert.throws(() => parseJson(text), { message }, text);
});

Deno.test("a number that is none or does not fit is refused", () => {
  const cases: [value: string, message: string][] = [
    ["-1", "invalid value: integer `-1`, expected u64 at line 1 column 7"],
    ["1.5", "invalid type: floating point `1.5`, expected u64 at line 1 column 8"],
    ['"1"', 'invalid type: string "1", expected u64 at line 1 column 8'],
    ["null", "invalid type: null, expected u64 at line 1 column 9"],
    ["true", "invalid type: boolean `true`, expected u64 at line 1 column 9"],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => parseJson(`{"x":${value}}`).field("x").u64(), { message }, value);
  }
});

Deno.test("deep nesting is refused before the stack ends", () => {
  assert.throws(() => parseJson("[".repeat(10_000)), /^Error: recursion limit exceeded/);
});
