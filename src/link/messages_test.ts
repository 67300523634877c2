import assert from "node:assert/strict";
import fc from "fast-check";
import type { LogFields, Logger } from "@/context/mod.ts";
import { isWavsError, serializeError, WavsError } from "@/domain/errors.ts";
import { openLink } from "./mod.ts";
import { MAX_LOG_TEXT_CHARS, MAX_NAME_CHARS, MAX_OFFENCES_LOGGED, MAX_SERVED_PER_CREDIT } from "./limits.ts";
import { isSerializedError, readMessage } from "./messages.ts";

interface Answering {
  answer(argument: unknown): unknown;
}

const NESTED = { a: { b: 1 } };

/** What a worker that was taken over could send. */
const FORGED: Readonly<Record<string, unknown>> = {
  "nothing": undefined,
  "null": null,
  "a number": 7,
  "an array": [{ type: "hello", credit: 1 }],
  "an empty object": {},
  "an unknown type": { type: "exec", code: "1" },
  "a type that is inherited": { type: "constructor" },
  "a call without id": { type: "call", method: "answer", argument: 1 },
  "a call whose id is no number": { type: "call", id: "1", method: "answer", argument: 1 },
  "a call whose method has no end": { type: "call", id: 1, method: "a".repeat(MAX_NAME_CHARS + 1), argument: 1 },
  "a log of a module without end": { type: "log", level: "info", module: "m".repeat(200), message: "x", fields: {} },
  "a call whose method is no text": { type: "call", id: 1, method: ["answer"], argument: 1 },
  "credit that is infinite": { type: "hello", credit: Infinity },
  "credit that is negative": { type: "hello", credit: -1 },
  "an error that is missing": { type: "throw", id: 1 },
  "an error with nested metadata": {
    type: "throw",
    id: 1,
    error: { code: "x", message: "x", retryable: true, meta: NESTED },
  },
  "a ping without id": { type: "ping" },
  "a pong whose id is no number": { type: "pong", id: "1" },
  "a level that is none": { type: "level", level: "loud" },
  "a log of an inherited level": { type: "log", level: "constructor", module: "m", message: "x", fields: {} },
  "a log of level __proto__": { type: "log", level: "__proto__", module: "m", message: "x", fields: {} },
  "a log whose message is no text": { type: "log", level: "info", module: "m", message: NESTED, fields: {} },
  "a log with nested fields": { type: "log", level: "info", module: "m", message: "x", fields: NESTED },
  "a log with fields that are an array": { type: "log", level: "info", module: "m", message: "x", fields: [1] },
};

function serving(handlers: { answer(argument: unknown): unknown }, log?: Logger) {
  const { port1, port2 } = new MessageChannel();
  const violated = Promise.withResolvers<void>();
  const link = openLink<Answering, Answering>({ name: "main → guest", credit: 1 }, {
    port: port1,
    handlers,
    onViolation: () => violated.resolve(),
    ...(log === undefined ? {} : { log }),
  });
  port2.start();
  return {
    link,
    port: port2,
    violated: violated.promise,
    [Symbol.dispose]() {
      link.close();
      port2.close();
    },
  };
}

for (const [name, message] of Object.entries(FORGED)) {
  Deno.test(`${name} is no message: the link is closed and its owner told`, async () => {
    const records: string[] = [];
    const write = (text: string, _fields?: LogFields) => void records.push(text);
    const log: Logger = { error: write, warn: write, info: write, debug: write, trace: write, child: () => log };
    using side = serving({ answer: () => assert.fail("nothing may be served") }, log);
    side.port.postMessage(message);
    await side.violated;
    await assert.rejects(side.link.remote.answer(1), (error) => isWavsError(error, "link_violated"));
    assert.deepEqual(records, []);
  });
}

Deno.test("only what has the shape of a message is one, whatever else it is", () => {
  fc.assert(fc.property(fc.anything(), (data) => {
    const message = readMessage(data);
    if (message !== undefined) assert.ok(["hello", "call", "cancel", "return", "throw", "log"].includes(message.type));
  }));
});

Deno.test("every error survives being serialized and checked", () => {
  const cause = new Error("inner", { cause: new TypeError("innermost") });
  const error = new WavsError("code", { message: "outer", retryable: true, meta: { a: 1n, b: null }, cause });
  assert.ok(isSerializedError(serializeError(error)));
  assert.ok(isSerializedError(serializeError("a text")));
});

Deno.test("methods that are inherited cannot be called", async () => {
  using side = serving({ answer: () => 1 });
  const answers = Promise.withResolvers<unknown[]>();
  const received: unknown[] = [];
  const methods = ["constructor", "__proto__", "toString", "hasOwnProperty"];
  side.port.onmessage = ({ data }) => {
    if (data.type === "throw") received.push(data.error.code);
    if (received.length === methods.length) answers.resolve(received);
  };
  for (const [id, method] of methods.entries()) side.port.postMessage({ type: "call", id, method, argument: {} });
  assert.deepEqual(await answers.promise, methods.map(() => "unknown_method"));
});

Deno.test("calls that no sound worker makes are told in the log, so often and no more", async () => {
  const methods: unknown[] = [];
  const write = (_text: string, fields: LogFields = {}) => void methods.push(fields.method);
  const log: Logger = { error: write, warn: write, info: write, debug: write, trace: write, child: () => log };
  using side = serving({ answer: () => 1 }, log);
  const count = 2 * MAX_OFFENCES_LOGGED;
  const answered = Promise.withResolvers<void>();
  let answers = 0;
  side.port.onmessage = ({ data }) => {
    if (data.type === "throw" && ++answers === count) answered.resolve();
  };
  for (let id = 0; id < count; id++) side.port.postMessage({ type: "call", id, method: "escape", argument: 1 });
  await answered.promise;
  assert.deepEqual(methods, Array.from({ length: MAX_OFFENCES_LOGGED }, () => "escape"));
});

Deno.test("a log record that is too long is cut", async () => {
  const written = Promise.withResolvers<{ text: string; fields: LogFields }>();
  const write = (text: string, fields: LogFields = {}) => written.resolve({ text, fields });
  const log: Logger = { error: write, warn: write, info: write, debug: write, trace: write, child: () => log };
  using side = serving({ answer: () => 1 }, log);
  const long = "x".repeat(10 * MAX_LOG_TEXT_CHARS);
  side.port.postMessage({ type: "log", level: "warn", module: "m", message: long, fields: { long, count: 1 } });
  const { text, fields } = await written.promise;
  assert.equal(text.length, MAX_LOG_TEXT_CHARS + 1);
  assert.deepEqual(fields, { long: text, count: 1 });
});

Deno.test("a caller that ignores its credit is refused before it fills the memory", async () => {
  const gate = Promise.withResolvers<void>();
  using side = serving({ answer: () => gate.promise });
  const refused = Promise.withResolvers<{ id: number; code: string }>();
  side.port.onmessage = ({ data }) => {
    if (data.type === "throw") refused.resolve({ id: data.id, code: data.error.code });
  };
  for (let id = 0; id <= MAX_SERVED_PER_CREDIT; id++) {
    side.port.postMessage({ type: "call", id, method: "answer", argument: undefined });
  }
  assert.deepEqual(await refused.promise, { id: MAX_SERVED_PER_CREDIT, code: "link_overloaded" });
  gate.resolve();
});

Deno.test("a log record with every kind of field passes", () => {
  const fields = { ms: 1, height: 1n, missing: undefined, isNew: true, cause: serializeError(new Error("x")) };
  assert.ok(readMessage({ type: "log", level: "info", module: "", message: "x", fields }));
});
