import assert from "node:assert/strict";
import { describeError, deserializeError, isWavsError, serializeError, WavsError } from "./errors.ts";

const error = new WavsError("service_unreachable", {
  message: 'Cannot fetch service "x" because the gateway answered 502',
  retryable: true,
  meta: { status: 502, bytes: 5n, last: null },
  cause: new TypeError("fetch failed\nand more"),
});

Deno.test("an error survives postMessage with code, metadata and cause", () => {
  const copy = deserializeError(structuredClone(serializeError(error)));
  assert.ok(isWavsError(copy, "service_unreachable"));
  assert.equal(copy.message, error.message);
  assert.equal(copy.retryable, true);
  assert.deepEqual(copy.meta, error.meta);
  assert.ok(isWavsError(copy.cause, "unexpected"));
  assert.equal(copy.cause.message, "fetch failed");
});

Deno.test("a chain of causes is cut, a cycle of them too", () => {
  const cyclic = new Error("around");
  cyclic.cause = cyclic;
  let depth = 0;
  for (let link = serializeError(cyclic).cause; link !== undefined; link = link.cause) depth++;
  assert.equal(depth, 4);
});

Deno.test("anything thrown is described by one line", () => {
  assert.equal(describeError("text\nmore"), "text");
  assert.equal(describeError(new RangeError("")), "RangeError");
  assert.equal(isWavsError(error, "other"), false);
  assert.equal(isWavsError(new Error()), false);
});
