import assert from "node:assert/strict";
import { readErrors } from "./type_check.ts";

Deno.test("type errors are read with their places, the first line of each", () => {
  const output = `TS2304 [ERROR]: Cannot find name 'missing'.
export const run = missing;
                   ~~~~~~~
    at file:///tmp/my%20hello/component.ts:4:80

TS2345 [ERROR]: Argument of type 'number' is not assignable to parameter of type 'string'.
  It is not, for several reasons.
    at file:///tmp/hello/other.ts:1:14

Found 2 errors.

error: Type checking failed.`;
  assert.deepEqual(readErrors(output), [
    { path: "/tmp/my hello/component.ts", line: 4, column: 80, text: "TS2304: Cannot find name 'missing'." },
    {
      path: "/tmp/hello/other.ts",
      line: 1,
      column: 14,
      text: "TS2345: Argument of type 'number' is not assignable to parameter of type 'string'.",
    },
  ]);
});

Deno.test("a syntax error is read like a type error", () => {
  const output = `error: SyntaxError: Expression expected
  |
1 | export const run = () => { return 1 +; };
  |                                      ~
    at file:///tmp/hello/component.ts:1:38`;
  assert.deepEqual(readErrors(output), [
    { path: "/tmp/hello/component.ts", line: 1, column: 38, text: "SyntaxError: Expression expected" },
  ]);
});

Deno.test("what is no error of a source is none", () => {
  assert.deepEqual(readErrors("error: Unable to load config file"), []);
});
