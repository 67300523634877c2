import assert from "node:assert/strict";
import { encodeService, printJson, serviceDigestOf, serviceIdOf } from "@/domain/mod.ts";
import { DIGEST, JSON_TYPE, MANAGER, post, serve, SERVICE } from "./testing/backstage.ts";

const MIB = 1024 * 1024;

Deno.test("a service is saved, registered, listed, read and removed", async () => {
  await using api = serve();
  const saved = await api.ask("/dev/services", post(printJson(encodeService(SERVICE))));
  assert.deepEqual([saved.status, saved.text], [200, `{"hash":"${serviceDigestOf(SERVICE)}"}`]);
  const read = await api.ask(`/dev/services/${serviceDigestOf(SERVICE)}`);
  assert.deepEqual([read.status, read.text], [200, printJson(encodeService(SERVICE))]);
  const body = JSON.stringify({ service_manager: MANAGER });
  assert.deepEqual(await api.ask("/services", post(body)).then(({ status, text }) => [status, text]), [204, ""]);
  const listed = JSON.parse((await api.ask("/services")).text) as Record<string, unknown[]>;
  assert.deepEqual(listed.service_ids, [serviceIdOf(SERVICE.manager)]);
  assert.deepEqual(listed.component_digests, [DIGEST]);
  const found = await api.ask(`/services/evm:31337/${MANAGER.evm.address.slice(2).toUpperCase()}`);
  assert.deepEqual([found.status, found.headers.get("content-type")], [200, "application/json"]);
  const again = await api.ask("/services", post(body));
  assert.deepEqual([again.status, again.headers.get("content-type")], [409, null]);
  assert.match(again.text, /already registered/);
  const removal = JSON.stringify({ service_managers: [MANAGER] });
  const removed = await api.ask("/services", { method: "DELETE", body: removal, headers: JSON_TYPE });
  assert.equal(removed.status, 204);
  assert.equal((await api.ask(`/services/evm:31337/${MANAGER.evm.address}`)).status, 404);
  assert.equal((await api.ask(`/dev/services/${"ab".repeat(32)}`, { method: "POST" })).status, 404);
});

Deno.test("the signer's address is checksummed", async () => {
  await using api = serve();
  const { text } = await api.ask("/services/signer", post(JSON.stringify({ service_manager: MANAGER })));
  assert.equal(text, '{"secp256k1":{"hd_index":1,"evm_address":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8"}}');
});

Deno.test("what the node tells of itself", async () => {
  await using api = serve();
  assert.equal((await api.ask("/config")).text, '{"port":8000}');
  assert.equal((await api.ask("/info")).text, '{"message":"wavs 9.9.9"}');
  assert.equal(
    (await api.ask("/health")).text,
    '{"timestamp":1700000000,"chains":{"evm:1":"healthy","evm:2":{"unhealthy":{"error":"[evm:2] eth_chainId: down"}}}}',
  );
  assert.match((await api.ask("/metrics")).text, /^up 1$/m);
  assert.deepEqual(JSON.parse((await api.ask("/p2p/status")).text), {
    enabled: false,
    local_peer_id: null,
    listen_addresses: [],
    external_addresses: [],
    connected_peers: 0,
    peer_ids: [],
    subscribed_topics: [],
    topic_peer_counts: {},
  });
  assert.deepEqual(JSON.parse((await api.ask("/dev/trigger-streams")).text), {
    chains: {
      "evm:31337": {
        current_endpoint: "ws://one",
        is_connected: true,
        any_active_rpcs_in_flight: false,
        active_subscriptions: {
          "0x1": "NewHeads",
          "0x2": { Logs: { addresses: [MANAGER.evm.address], topics: [] } },
        },
      },
    },
    hypercore: { ["ab".repeat(32)]: "connecting" },
  });
});

Deno.test("manual triggers and chains arrive as they were sent", async () => {
  await using api = serve();
  const fire = (wait: boolean) =>
    api.ask(
      "/dev/triggers",
      post(JSON.stringify({
        service_id: serviceIdOf(SERVICE.manager),
        workflow_id: "default",
        trigger: "manual",
        data: { Raw: [1, 2] },
        count: 3,
        wait_for_completion: wait,
      })),
    );
  const sent = await fire(false);
  assert.deepEqual([sent.status, sent.text], [200, ""]);
  const done = await fire(true);
  assert.deepEqual([done.status, done.headers.get("content-type")], [200, "application/json"]);
  const answer = { payload: "0x0102", ordering: null, event_id_salt: null };
  assert.deepEqual(JSON.parse(done.text).results, [{
    state: "executed",
    reason: null,
    responses: [
      { event_id: `0x${"ab".repeat(20)}`, operator_response: answer },
      // Beyond what one answer carries.
      { event_id: `0x${"ab".repeat(20)}`, operator_response: null },
    ],
  }]);
  assert.deepEqual(api.backstage.fired.map(({ request, wait }) => [request.count, request.data, wait]), [
    [3, { kind: "Raw", data: new Uint8Array([1, 2]) }, false],
    [3, { kind: "Raw", data: new Uint8Array([1, 2]) }, true],
  ]);
  const chain = (key: string) =>
    JSON.stringify({ chain: key, config: { type: "evm", chain_id: key.split(":")[1], ws_endpoints: [] } });
  assert.equal((await api.ask("/dev/chains", post(chain("evm:1")))).status, 200);
  const duplicate = await api.ask("/dev/chains", post(chain("evm:31337")));
  assert.deepEqual([duplicate.status, duplicate.text], [409, "Chain already exists: evm:31337"]);
});

Deno.test("a stored value is read by its percent-decoded key", async () => {
  await using api = serve();
  const found = await api.ask(`/dev/kv/${DIGEST}/bucket/a%20b`);
  assert.deepEqual([found.status, found.headers.get("content-type")], [200, "application/octet-stream"]);
  const missing = await api.ask(`/dev/kv/${DIGEST}/bucket/other`);
  assert.deepEqual([missing.status, missing.text], [404, ""]);
});

Deno.test("JSON bodies are refused with the documented status and text", async () => {
  await using api = serve();
  const cases = [
    [post("{}", { "content-type": "text/plain" }), 415, /^Expected request with `Content-Type: application\/json`$/],
    [post(""), 400, /^Failed to parse the request body as JSON/],
    [post("{} x"), 400, /^Failed to parse the request body as JSON/],
    [post("[".repeat(100_000)), 400, /^Failed to parse the request body as JSON/],
    [post(new Uint8Array([0xff, 0xfe])), 400, /^Failed to parse the request body as JSON/],
    [post("{}"), 422, /^Failed to deserialize the JSON body into the target type/],
    [post('{"service_manager":{"evm":{}}}'), 422, /service_manager/],
  ] as const;
  for (const [init, status, text] of cases) {
    const answer = await api.ask("/services", init);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, text);
    assert.equal(answer.headers.get("content-type"), "text/plain; charset=utf-8");
  }
  const vendor = post(JSON.stringify({ service_manager: MANAGER }), {
    "content-type": "application/x+json; charset=utf-8",
  });
  assert.equal((await api.ask("/services", vendor)).status, 204);
});

Deno.test("a body of 14 MiB passes and one of 16 MiB does not", async () => {
  await using api = serve();
  assert.equal((await api.ask("/dev/components", post(new Uint8Array(14 * MIB), {}))).status, 200);
  const tooLong = await api.ask("/dev/components", post(new Uint8Array(16 * MIB), {}));
  assert.equal(tooLong.status, 413);
  assert.match(tooLong.text, /^Failed to buffer the request body/);
  assert.deepEqual(api.backstage.uploads, [14 * MIB]);
});

Deno.test("unknown paths, wrong methods, trailing slashes and HEAD", async () => {
  await using api = serve();
  const unknown = await api.ask("/nowhere");
  assert.deepEqual([unknown.status, unknown.text, unknown.headers.get("content-type")], [404, "not found", null]);
  assert.equal((await api.ask("/services/")).status, 404);
  const wrong = await api.ask("/services", { method: "PUT" });
  assert.deepEqual([wrong.status, wrong.text, wrong.headers.get("allow")], [405, "", "GET,HEAD,POST,DELETE"]);
  assert.equal((await api.ask("/info", { method: "HEAD" })).status, 200);
});

Deno.test("a token protects every change and all of /dev, and is checked before the body", async () => {
  await using api = serve({ bearerToken: "secret" });
  assert.equal((await api.ask("/services")).status, 200);
  const missing = await api.ask("/services", post("not json"));
  assert.deepEqual([missing.status, missing.text], [401, "Unauthorized"]);
  assert.equal(
    missing.headers.get("www-authenticate"),
    'Bearer realm="wavs", error="invalid_request", error_description="invalid_authorization_header"',
  );
  const wrong = await api.ask("/services", post("{}", { ...JSON_TYPE, authorization: "Bearer wrong!" }));
  assert.match(wrong.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
  const right = await api.ask("/services", post("{}", { ...JSON_TYPE, authorization: "bearer  secret" }));
  assert.equal(right.status, 422);
  assert.equal((await api.ask("/dev/trigger-streams")).status, 401);
});

Deno.test("without dev endpoints there is no /dev", async () => {
  await using api = serve({ devEndpointsEnabled: false });
  assert.equal((await api.ask("/dev/trigger-streams")).status, 404);
  assert.equal((await api.ask("/dev/services", post("{}"))).status, 404);
});

Deno.test("origins are allowed by pattern", async () => {
  await using api = serve({ corsAllowedOrigins: ["http://localhost:*", "https://a.example"] });
  const from = async (origin: string, method = "GET") => await api.ask("/info", { method, headers: { origin } });
  assert.equal(
    (await from("http://localhost:3000")).headers.get("access-control-allow-origin"),
    "http://localhost:3000",
  );
  const other = await from("https://aXexample");
  assert.deepEqual([other.status, other.headers.get("access-control-allow-origin")], [200, null]);
  assert.match(other.headers.get("vary") ?? "", /origin/);
  const preflight = await from("https://a.example", "OPTIONS");
  assert.equal(preflight.status, 200);
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /authorization/);
});

Deno.test("what the node tells of the network between operators", async () => {
  await using api = serve();
  api.backstage.speaksToPeers = true;
  assert.equal(
    (await api.ask("/p2p/status")).text,
    `{"enabled":true,"local_peer_id":"12D3KooWA","listen_addresses":["/ip4/127.0.0.1/tcp/9000/p2p/12D3KooWA"],` +
      `"external_addresses":["/ip4/203.0.113.5/tcp/9000/p2p/12D3KooWA"],"connected_peers":1,"peer_ids":["12D3KooWB"],` +
      `"subscribed_topics":["wavs/00/topic/v1"],"topic_peer_counts":{"wavs/00/topic/v1":1}}`,
  );
});
