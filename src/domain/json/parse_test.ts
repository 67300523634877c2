import assert from "node:assert/strict";
import { isWavsError } from "../errors.ts";
import { MAX_JSON_DEPTH_LEVELS } from "../limits.ts";
import { utf8Bytes } from "../utf8.ts";
import { parseJson, parseJsonBytes } from "./mod.ts";
import { RepeatingJsonObject } from "./value.ts";

Deno.test("integers up to 64 bits are bigints, everything else is a float", () => {
  const cases = [
    ["0", 0n],
    ["-1", -1n],
    ["18446744073709551615", 18446744073709551615n],
    ["-9223372036854775808", -9223372036854775808n],
    ["18446744073709551616", 18446744073709551616],
    ["-9223372036854775809", -9223372036854775809],
    ["-0", -0],
    ["1.0", 1],
    ["1e2", 100],
    ["1E-2", 0.01],
  ] as const;
  for (const [text, value] of cases) assert.strictEqual(parseJson(text), value, text);
});

Deno.test("texts are unescaped", () => {
  assert.equal(
    parseJson('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00é\u{1f600}\u2028"'),
    '"\\/\b\f\n\r\té\u{1f600}é\u{1f600}\u2028',
  );
});

Deno.test("objects keep the order of their text, also of keys that look like numbers or prototypes", () => {
  const members = [
    ...parseJson(' {"b" : 1 , "2":2,\n"1":3,"__proto__":4,"constructor":[ ]}\t') as ReadonlyMap<string, unknown>,
  ];
  assert.deepEqual(members, [["b", 1n], ["2", 2n], ["1", 3n], ["__proto__", 4n], ["constructor", []]]);
});

Deno.test("a repeated key has its last value and is remembered", () => {
  const object = parseJson('{"a":1,"b":2,"a":3}');
  assert.ok(object instanceof RepeatingJsonObject);
  assert.deepEqual([...object], [["a", 3n], ["b", 2n]]);
  assert.deepEqual([...object.repeatedKeys], ["a"]);
});

const REFUSED = [
  "",
  " ",
  "{",
  "[",
  "[1",
  "[1,]",
  "[,1]",
  '{"a"}',
  '{"a":1,}',
  "{a:1}",
  "{'a':1}",
  '"',
  '"\\',
  '"\\x"',
  '"\\u12"',
  '"\n"',
  '"\u0000"',
  "01",
  "+1",
  "1.",
  ".5",
  "1e",
  "-",
  "--1",
  "1 2",
  "tru",
  "truee",
  "nul",
  "NaN",
  "Infinity",
  "1e999",
  "-1e999",
  '"\\ud800"',
  '"\\udc00"',
  '"\\ud800\\u0041"',
  '"\\ud800x"',
  '"\ud800"',
  "\ufeff1",
  "\u00a01",
  "// no comments\n1",
];

for (const text of REFUSED) {
  Deno.test(`${JSON.stringify(text)} is no JSON`, () => {
    assert.throws(() => parseJson(text), (error) => isWavsError(error, "invalid_json"));
  });
}

Deno.test("an error says where it is", () => {
  assert.throws(() => parseJson('{\n  "a": x\n}'), {
    message: "Cannot read JSON at line 2 column 8 (offset 9): expected a value",
  });
});

Deno.test("nesting is allowed up to the limit", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  parseJson(nested(MAX_JSON_DEPTH_LEVELS));
  assert.throws(() => parseJson(nested(MAX_JSON_DEPTH_LEVELS + 1)), /nested deeper/);
  assert.throws(() => parseJson("[".repeat(1_000_000)), /nested deeper/);
  assert.throws(() => parseJson('{"a":'.repeat(1_000_000)), /nested deeper/);
});

Deno.test("siblings do not count as nesting", () => {
  parseJson(`[${"[],".repeat(1000)}[]]`);
});

Deno.test("text over the caller's limit is refused before it is read", () => {
  assert.equal(parseJson("[1]", { maxChars: 3 }) !== undefined, true);
  assert.throws(() => parseJson("[12]", { maxChars: 3 }), /at most 3 are allowed/);
});

Deno.test("bytes must be UTF-8 without a byte order mark", () => {
  assert.equal(parseJsonBytes(utf8Bytes('"é"')), "é");
  for (const bytes of [[0x22, 0xff, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xef, 0xbb, 0xbf, 0x31]]) {
    assert.throws(() => parseJsonBytes(Uint8Array.from(bytes)), (error) => isWavsError(error, "invalid_json"));
  }
});
