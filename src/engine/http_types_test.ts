import assert from "node:assert/strict";
import { type GuestCall, runCalls } from "@tests/support/guest_scripts.ts";
import { failureOf, runService, serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";
import { operatorGuest } from "@tests/support/wat_guests.ts";

const guest = await scriptGuest("requests");

async function run(...calls: GuestCall[]): Promise<unknown[]> {
  await using started = await startEngine({ carrier: "in-thread" });
  const service = serviceOf({ operator: await started.engine.upload(guest), http: true });
  return await runCalls(started.engine, service, ...calls);
}

/** Answers every connection with these bytes and closes it. */
function startRawServer(answer: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })();
  return {
    authority: `127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

/** Asks for `/` and makes the answer `response`. */
function ask(authority: string): GuestCall[] {
  return [
    ["headers = new types.Fields"],
    ["request = new types.OutgoingRequest", "$headers"],
    ["request.setScheme", { tag: "HTTP" }],
    ["request.setAuthority", authority],
    ["future = handler.handle", "$request", null],
    ["future.block"],
    ["answer = future.get"],
  ];
}

Deno.test("a guest edits headers, whose names are the same in any case", async () => {
  const results = await run(
    ["fields = types.Fields.fromList", [["Accept", { text: "a" }], ["accept", { text: "b" }], ["x", { text: "c" }]]],
    ["fields.get", "ACCEPT"],
    ["fields.has", "X"],
    ["copy = fields.clone"],
    ["fields.set", "accept", [{ text: "z" }]],
    ["fields.delete", "x"],
    ["fields.entries"],
    ["copy.entries"],
    ["types.Fields.fromList", [["host", { text: "elsewhere" }]]],
  );
  const original = [["accept", "a"], ["accept", "b"], ["x", "c"]];
  assert.deepEqual(results, [
    "resource",
    ["a", "b"],
    true,
    "resource",
    null,
    null,
    [["accept", "z"]],
    original,
    '!{"tag":"forbidden"}',
  ]);
});

Deno.test("a guest reads back what it put into a request and its options", async () => {
  const results = await run(
    ["headers = types.Fields.fromList", [["x", { text: "y" }]]],
    ["request = new types.OutgoingRequest", "$headers"],
    ["request.method"],
    ["request.scheme"],
    ["request.authority"],
    ["request.pathWithQuery"],
    ["request.setMethod", { tag: "other", val: "PURGE" }],
    ["request.setScheme", { tag: "HTTPS" }],
    ["request.setAuthority", "example.com:8443"],
    ["request.setPathWithQuery", "/a?b=c"],
    ["request.method"],
    ["request.scheme"],
    ["request.authority"],
    ["request.pathWithQuery"],
    ["sent = request.headers"],
    ["sent.entries"],
    ["sent.delete", "x"],
    ["options = new types.RequestOptions"],
    ["options.connectTimeout"],
    ["options.setConnectTimeout", 1_000],
    ["options.setFirstByteTimeout", 2_000],
    ["options.setBetweenBytesTimeout", 3_000],
    ["options.connectTimeout"],
    ["options.firstByteTimeout"],
    ["options.betweenBytesTimeout"],
  );
  assert.deepEqual(results.slice(2, 6), [{ tag: "get" }, null, null, null]);
  assert.deepEqual(results.slice(10, 14), [
    { tag: "other", val: "PURGE" },
    { tag: "HTTPS" },
    "example.com:8443",
    "/a?b=c",
  ]);
  assert.deepEqual(results.slice(15, 17), [[["x", "y"]], '!{"tag":"immutable"}']);
  assert.deepEqual([results[18], ...results.slice(22)], [null, 1_000, 2_000, 3_000]);
});

Deno.test("a guest is told that an answer has no trailers", async () => {
  await using server = startRawServer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
  const results = await run(
    ...ask(server.authority),
    ["response = answer.val.val.consume"],
    ["trailers = types.IncomingBody.finish", "$response"],
    ["trailers.block"],
    ["trailers.get"],
    ["trailers.get"],
  );
  const [first, second] = results.slice(-2) as { tag: string; val?: { tag: string } }[];
  assert.deepEqual([first?.tag, first?.val?.tag, second?.tag], ["ok", "ok", "err"]);
});

Deno.test("a guest asks why a body broke off and is told the HTTP error", async () => {
  await using server = startRawServer("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
  const results = await run(
    ...ask(server.authority),
    ["body = answer.val.val.consume"],
    ["input = body.stream"],
    ["input.blockingRead", 100],
    ["types.httpErrorCode", "$error.val"],
  );
  const [read, code] = results.slice(-2);
  assert.equal(read, '!{"tag":"last-operation-failed","val":"resource"}');
  assert.match(String((code as { tag: string }).tag), /HTTP-response-incomplete|connection-terminated/);
});

Deno.test("a guest may make a response, and has nobody to send it to", async () => {
  const results = await run(
    ["headers = types.Fields.fromList", [["x", { text: "y" }]]],
    ["response = new types.OutgoingResponse", "$headers"],
    ["response.statusCode"],
    ["response.setStatusCode", 404],
    ["response.setStatusCode", 99],
    ["response.statusCode"],
    ["kept = response.headers"],
    ["kept.entries"],
    ["body = response.body"],
    ["response.body"],
    ["output = body.write"],
    ["output.blockingWriteAndFlush", { text: "nobody reads this" }],
  );
  const [status, set, unknown, status2, , headers, body, again, output, written] = results.slice(2);
  assert.deepEqual([status, set, status2, headers], [200, null, 404, [["x", "y"]]]);
  assert.match(String(unknown), /^!/, "99 is no status");
  assert.deepEqual([body, output, written], ["resource", "resource", null]);
  assert.match(String(again), /^!/, "a body is taken once");
});

/** What belongs to a server: name, core parameters, core results. */
const SERVER_METHODS = [
  ["[method]incoming-request.method", "i32 i32", ""],
  ["[method]incoming-request.path-with-query", "i32 i32", ""],
  ["[method]incoming-request.scheme", "i32 i32", ""],
  ["[method]incoming-request.authority", "i32 i32", ""],
  ["[method]incoming-request.headers", "i32", "i32"],
  ["[method]incoming-request.consume", "i32 i32", ""],
  ["[static]response-outparam.set", "i32 i32 i32 i32 i64 i32 i32 i32 i32", ""],
] as const;

for (const [name, params, result] of SERVER_METHODS) {
  Deno.test(`a guest that calls ${name} ends there, for it cannot hold what only a server is given`, async () => {
    await using started = await startEngine({ carrier: "in-thread" });
    const types = params.split(" ");
    const component = await operatorGuest({
      imports: `(import "wasi:http/types@0.2.0" "${name}" (func $call (param ${params}) ${
        result === "" ? "" : `(result ${result})`
      }))`,
      body: `(call $call ${types.map((type) => `(${type}.const 8)`).join(" ")}) ${result === "" ? "" : "drop"}`,
    });
    const service = serviceOf({ operator: await started.engine.upload(component), http: true });
    const { code, message } = failureOf(await runService(started.engine, service, ""));
    assert.equal(code, "guest_trap");
    assert.match(message, /handle/);
  });
}
