import assert from "node:assert/strict";
import fc from "fast-check";
import { WavsError } from "@/domain/errors.ts";
import type { Cursor } from "../types.ts";
import { parseFeedKey } from "./feed_key.ts";
import { decodePosition, encodePosition, firstMissing, positionFor } from "./position.ts";

const positions = fc.dictionary(fc.string(), fc.nat()).map((entries) => new Map(Object.entries(entries)));

Deno.test("a cursor holds a position without loss", () => {
  fc.assert(fc.property(positions, (position) => assert.deepEqual(decodePosition(encodePosition(position)), position)));
});

Deno.test("a cursor that this source did not write is refused", () => {
  for (const text of ["", "{}", '{"next":null}', '{"next":{"a":-1}}', '{"next":{"a":1.5}}', '{"next":{"a":"1"}}']) {
    assert.throws(
      () => decodePosition(text as Cursor),
      (error) => error instanceof WavsError && error.code === "cursor_invalid",
      text,
    );
  }
});

Deno.test("who is known goes on, who is new begins with the first block, who is gone is forgotten", () => {
  const position = positionFor(["old", "new"], new Map([["old", 7], ["gone", 3]]));
  assert.deepEqual([...position], [["old", 7], ["new", 0]]);
  assert.equal(firstMissing(position), 0);
});

Deno.test("a feed key is 64 hex digits of either case, and nothing else", () => {
  const key = "ab".repeat(32);
  assert.equal(parseFeedKey(key.toUpperCase()), key);
  for (const text of ["", `0x${key}`, key.slice(2), `${key}ab`, "g".repeat(64), ` ${key}`]) {
    assert.throws(() => parseFeedKey(text), /feed key of 64 hex digits/, text);
  }
});
