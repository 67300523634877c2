import assert from "node:assert/strict";
import { isWavsError } from "@/domain/mod.ts";
import { idOf, runService } from "@tests/support/engine.ts";
import { answersOf, errorOf, startSample } from "@tests/support/sample.ts";

/** A server that greets, and tells what it was posted. */
function startPostbox() {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (request.method === "GET") return new Response("hello from get");
    assert.equal(request.headers.get("content-type"), "application/json");
    const json = await request.json();
    return Response.json({ json: new URL(request.url).pathname === "/liar" ? ["a", "x"] : json });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

function task(url: string, timestamp: number, postPath = "/post"): string {
  return JSON.stringify({ get_url: `${url}/get`, post_url: url + postPath, post_data: ["a", 'b"'], timestamp });
}

Deno.test("permissions_probe asks, writes, prints and logs", async () => {
  await using postbox = startPostbox();
  await using sample = await startSample("permissions_probe", { http: true, fileSystem: true });
  const { engine, service, digest, dataDirectory } = sample;
  const contents = 'GET RESPONSE: hello from get\n\nPOST RESPONSE: PostResponse { json: ("a", "b\\"") }';
  for (const [filecount, timestamp] of [[1, 1234], [2, 1235], [2, 1234]] as const) {
    const result = await runService(engine, service, task(postbox.url, timestamp));
    const filename = `./responses/${timestamp}.txt`;
    assert.deepEqual(answersOf(result), [[0n, JSON.stringify({ filename, contents, filecount, digest })]]);
    assert.equal(await Deno.readTextFile(`${dataDirectory}/app/${idOf(service)}/responses/${timestamp}.txt`), contents);
    assert.deepEqual(
      result.report.logs,
      [
        { level: "info", stream: "stdout", message: "(permissions println!) trigger id: 0" },
        { level: "warn", stream: "stderr", message: "(permissions eprintln!) trigger id: 0" },
        { level: "info", stream: "log", message: "(permissions host log) trigger id: 0" },
      ],
    );
  }
});

Deno.test("permissions_probe notices an answer that is not what it posted, and leaves the empty file", async () => {
  await using postbox = startPostbox();
  await using sample = await startSample("permissions_probe", { http: true, fileSystem: true });
  const { engine, service, dataDirectory } = sample;
  const result = await runService(engine, service, task(postbox.url, 7, "/liar"));
  assert.equal(errorOf(result), "The post data is not the same as the one sent");
  assert.equal(await Deno.readTextFile(`${dataDirectory}/app/${idOf(service)}/responses/7.txt`), "");
});

Deno.test("permissions_probe gets nowhere without its permissions", async () => {
  await using postbox = startPostbox();
  await using sample = await startSample("permissions_probe", { http: true });
  const { engine, service } = sample;
  assert.equal(
    errorOf(await runService(engine, service, task(postbox.url, 1))),
    'failed to find a pre-opened file descriptor through which "./responses" could be opened',
  );
  await using offline = await startSample("permissions_probe", { fileSystem: true });
  await assert.rejects(
    runService(offline.engine, offline.service, task(postbox.url, 1)),
    (error) => isWavsError(error, "component_import_denied"),
  );
});
