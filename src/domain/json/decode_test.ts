import assert from "node:assert/strict";
import { isWavsError } from "../errors.ts";
import { invalidText } from "./path.ts";
import {
  array,
  bool,
  byteArray,
  type Decoder,
  either,
  float,
  i64,
  map,
  mapped,
  nonZeroU32,
  nullable,
  object,
  oneOf,
  optional,
  parsed,
  parseJson,
  string,
  stringSet,
  tagged,
  u32,
  u64,
  unit,
  withDefault,
} from "./mod.ts";

Deno.test("integers keep their range and are never floats or texts", () => {
  assert.equal(u64(parseJson("18446744073709551615")), 18446744073709551615n);
  assert.equal(i64(parseJson("-9223372036854775808")), -9223372036854775808n);
  assert.equal(u32(parseJson("4294967295")), 4294967295);
  refuses(
    u64,
    "-1",
    "Cannot read the JSON value: expected an integer from 0 to 18446744073709551615, found the integer -1",
  );
  refuses(u64, "1.0", "the float 1");
  refuses(u64, '"1"', 'found "1"');
  refuses(u32, "4294967296", "from 0 to 4294967295");
  refuses(nonZeroU32, "0", "from 1 to");
  refuses(i64, "9223372036854775808", "to 9223372036854775807");
});

Deno.test("a float may be written as an integer", () => {
  assert.equal(float(parseJson("1")), 1);
  assert.equal(float(parseJson("0.5")), 0.5);
  refuses(float, "true", "found true");
});

Deno.test("bytes are integers from 0 to 255", () => {
  assert.deepEqual(byteArray(parseJson("[0,255]")), Uint8Array.of(0, 255));
  refuses(byteArray, "[0,256]", 'Cannot read "[1]": expected a byte from 0 to 255, found the integer 256');
  refuses(byteArray, "[1.0]", "a byte");
  refuses(byteArray, '"00"', "an array of bytes");
});

const person = object({
  name: string,
  nick: optional(string),
  admin: withDefault(bool, false),
  note: nullable(string),
});

Deno.test("a struct ignores unknown members and fills in absent ones", () => {
  assert.deepEqual(person(parseJson('{"name":"a","note":null,"other":{}}')), {
    name: "a",
    nick: undefined,
    admin: false,
    note: undefined,
  });
  assert.equal(person(parseJson('{"name":"a","note":null,"nick":null}')).nick, undefined);
});

Deno.test("a struct names the member that is missing, null or repeated", () => {
  refuses(person, '{"note":null}', 'Cannot read "name": expected the field to be present');
  refuses(person, '{"name":"a"}', 'Cannot read "note": expected the field to be present');
  refuses(person, '{"name":"a","note":null,"admin":null}', 'Cannot read "admin": expected true or false, found null');
  refuses(person, '{"name":"a","note":null,"name":"a"}', 'Cannot read "name": expected the field once, not repeated');
  refuses(person, '["a"]', "expected an object, found an array");
});

Deno.test("a repeated unknown member of a struct does not matter", () => {
  assert.equal(person(parseJson('{"x":1,"x":2,"name":"a","note":null}')).name, "a");
});

Deno.test("a member named like a prototype's is an ordinary one", () => {
  assert.equal(object({ constructor: optional(string) })(parseJson("{}")).constructor, undefined);
  refuses(tagged<number>({ a: unit(1) }), '"toString"', 'one of "a"');
});

Deno.test("a map is sorted, takes the last of repeated keys and checks them", () => {
  const key = (text: string) => {
    if (text === "") throw invalidText("a key", text);
    return text;
  };
  const decodeMap = map(key, u32);
  assert.deepEqual([...decodeMap(parseJson('{"b":1,"a":2,"b":3}'))], [["a", 2], ["b", 3]]);
  refuses(decodeMap, '{"a":"x"}', 'Cannot read "a": expected an integer');
  refuses(decodeMap, '{"":1}', "expected a key");
});

Deno.test("a path leads through arrays, maps and variants", () => {
  const shapes = tagged({ list: array(object({ size: u32 })) });
  refuses(object({ shapes }), '{"shapes":{"list":[{"size":1},{"size":-1}]}}', 'Cannot read "shapes.list[1].size"');
});

const shape = tagged<string | number>({ none: unit("none"), size: u32 });

Deno.test("a variant without payload is a word or has null, one with payload is an object", () => {
  assert.equal(shape(parseJson('"none"')), "none");
  assert.equal(shape(parseJson('{"none":null}')), "none");
  assert.equal(shape(parseJson('{"size":3}')), 3);
  for (const text of ['{"none":{}}', '"size"', "{}", '{"none":null,"size":3}', '"None"', "null", "[]", '{"x":1}']) {
    refuses(shape, text, "expected");
  }
});

Deno.test("words, sets, alternatives and mappings", () => {
  assert.equal(oneOf("a", "b")(parseJson('"b"')), "b");
  refuses(oneOf("a", "b"), '"c"', 'expected "a" or "b", found "c"');
  assert.deepEqual(stringSet(parseJson('["b","a","b"]')), ["a", "b"]);
  assert.equal(either(u32, string)(parseJson('"x"')), "x");
  refuses(either(u32, string), "null", "expected a string");
  assert.equal(mapped(u32, (value) => value + 1)(parseJson("1")), 2);
});

Deno.test("a grammar's complaint is given the path, other errors pass unchanged", () => {
  const grammar = parsed((text) => {
    throw invalidText("a palindrome", text);
  });
  refuses(object({ word: grammar }), '{"word":"ab"}', 'Cannot read "word": expected a palindrome, found "ab"');
  const broken = parsed(() => {
    throw new RangeError("broken");
  });
  assert.throws(() => broken(parseJson('""')), RangeError);
});

Deno.test("a long text is not quoted whole", () => {
  refuses(u32, JSON.stringify("x".repeat(1000)), `${"x".repeat(80)}…"`);
});

function refuses<T>(decode: Decoder<T>, text: string, message: string): void {
  assert.throws(
    () => decode(parseJson(text)),
    (error) => isWavsError(error, "invalid_value") && error.message.includes(message),
    `${text} should be refused with: ${message}`,
  );
}
