/** Components that come from elsewhere, through the real engine with its real egress worker. */
import assert from "node:assert/strict";
import { buildComponents } from "@components/build.ts";
import { type ComponentDigest, componentDigestOf, isWavsError, type Service } from "@/domain/mod.ts";
import type { Engine } from "@/engine/mod.ts";
import { startIpfsGateway } from "@/engine/supply/testing/ipfs_gateway.ts";
import { startOciRegistry } from "@/engine/supply/testing/oci_registry.ts";
import { startWargRegistry } from "@/engine/supply/testing/warg_registry.ts";
import { payloadsOf, runService, serviceOf, type SourceShape, startEngine } from "@tests/support/engine.ts";

interface Sample {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: ComponentDigest;
}

async function readSample(name: string): Promise<Sample> {
  const [built] = await buildComponents({ names: [name] });
  assert.ok(built);
  const bytes = await Deno.readFile(built.path);
  return { bytes, digest: componentDigestOf(bytes) };
}

const OPERATOR = await readSample("square");
const AGGREGATOR = await readSample("simple_aggregator");

/** What registering a service does with its components. */
async function prepare(engine: Engine, service: Service): Promise<void> {
  for (const workflow of service.workflows.values()) {
    await engine.prepare(workflow.component, "operator");
    if (workflow.submit.kind === "aggregator") await engine.prepare(workflow.submit.component, "aggregator");
  }
}

async function assertRuns(engine: Engine, service: Service): Promise<void> {
  const [payload = ""] = payloadsOf(await runService(engine, service, '{"x":7}'));
  // The sample wraps its answer for a contract.
  assert.match(payload, /\{"y":49\}/);
}

function serve(handler: (request: Request) => Response) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

function storedPath(dataDirectory: string, digest: ComponentDigest): string {
  return `${dataDirectory}/ca/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`;
}

function download(uri: string, digest: string = OPERATOR.digest): SourceShape {
  return { download: { uri, digest } };
}

async function assertFetches(operator: SourceShape, aggregator: SourceShape, options = {}): Promise<void> {
  await using harness = await startEngine(options);
  const service = serviceOf({ operator, aggregator });
  await prepare(harness.engine, service);
  assert.deepEqual(await harness.engine.digests(), [OPERATOR.digest, AGGREGATOR.digest].sort());
  await assertRuns(harness.engine, service);
}

Deno.test("operator and aggregator component are fetched over HTTP", async () => {
  await using server = serve(({ url }) =>
    new Response((new URL(url).pathname === "/operator.wasm" ? OPERATOR : AGGREGATOR).bytes)
  );
  await assertFetches(
    download(`${server.url}/operator.wasm`),
    download(`${server.url}/aggregator.wasm`, AGGREGATOR.digest),
  );
});

Deno.test("operator and aggregator component are fetched over IPFS", async () => {
  await using gateway = startIpfsGateway();
  const root = await gateway.add({ "operator.wasm": OPERATOR.bytes, "aggregator.wasm": AGGREGATOR.bytes });
  await assertFetches(
    download(`ipfs://${root}/operator.wasm`),
    download(`ipfs://${root}/aggregator.wasm`, AGGREGATOR.digest),
    { ipfsGateway: gateway.url },
  );
});

Deno.test("operator and aggregator component are fetched from an OCI and a warg registry", async () => {
  await using oci = startOciRegistry();
  oci.push("wavs/square", "1.2.3", OPERATOR.bytes);
  await using warg = startWargRegistry();
  warg.publish(AGGREGATOR.bytes);
  await using domain = startOciRegistry({ metadata: { wargUrl: warg.url } });
  await assertFetches(
    { registry: { digest: OPERATOR.digest, domain: oci.host, version: null, package: "wavs:square" } },
    { registry: { digest: AGGREGATOR.digest, domain: domain.host, version: "0.1.0", package: "wavs:aggregator" } },
  );
});

Deno.test("nothing is stored of what is not what the service document promised", async () => {
  await using server = serve(() => new Response(AGGREGATOR.bytes));
  await using warg = startWargRegistry();
  warg.publish(OPERATOR.bytes);
  warg.content = () => new Response(AGGREGATOR.bytes);
  await using domain = startOciRegistry({ metadata: { wargUrl: warg.url } });
  await using oci = startOciRegistry();
  oci.push("wavs/square", "1.0.0", OPERATOR.bytes);
  oci.mischief = { blob: () => new Response(AGGREGATOR.bytes) };
  await using harness = await startEngine();
  const fromRegistry = (domain: string) => ({
    registry: { digest: OPERATOR.digest, domain, version: "1.0.0", package: "wavs:square" },
  });
  for (const source of [download(server.url), fromRegistry(domain.host), fromRegistry(oci.host)]) {
    await assert.rejects(prepare(harness.engine, serviceOf({ operator: source })), (error) => {
      assert.ok(isWavsError(error, "component_digest_mismatch"), `${error}`);
      assert.match(error.message, new RegExp(`"${AGGREGATOR.digest}", not "${OPERATOR.digest}"`));
      return true;
    }, JSON.stringify(source));
  }
  assert.deepEqual(await harness.engine.digests(), []);
});

Deno.test("a digest alone must be in the store, and a host that is private is refused when it is not allowed", async () => {
  await using server = serve(() => new Response(OPERATOR.bytes));
  await using harness = await startEngine({ allowPrivateNetworks: false });
  await assert.rejects(
    prepare(harness.engine, serviceOf({ operator: OPERATOR.digest })),
    (error) => isWavsError(error, "component_unknown"),
  );
  const sources = [
    download(server.url),
    { registry: { digest: OPERATOR.digest, domain: new URL(server.url).host, version: "1.0.0", package: "a:b" } },
  ];
  for (const operator of sources) {
    await assert.rejects(prepare(harness.engine, serviceOf({ operator })), (error) => {
      assert.ok(isWavsError(error, "component_fetch_failed"), `${error}`);
      assert.match(error.message, /not a public address/);
      assert.equal(error.retryable, false);
      return true;
    });
  }
});

Deno.test("a component whose file is damaged or gone is fetched again when it is next run", async () => {
  let fetches = 0;
  await using server = serve(() => {
    fetches++;
    return new Response(OPERATOR.bytes);
  });
  const service = serviceOf({ operator: download(server.url) });
  const dataDirectory = await Deno.makeTempDir();
  try {
    const path = storedPath(dataDirectory, OPERATOR.digest);
    const damages = [
      () => Deno.writeTextFileSync(path, "damaged"),
      () => Deno.truncateSync(path, 1000),
      () => Deno.removeSync(path),
    ];
    {
      await using harness = await startEngine({ dataDirectory });
      await prepare(harness.engine, serviceOf({ operator: download(server.url), aggregator: download(server.url) }))
        .catch(
          // It has no exports of an aggregator's; its bytes are stored by then.
          (error) => assert.ok(isWavsError(error, "component_export_missing"), `${error}`),
        );
    }
    assert.equal(fetches, 1);
    for (const [index, damage] of damages.entries()) {
      damage();
      await using harness = await startEngine({ dataDirectory });
      await assertRuns(harness.engine, service);
      assert.equal(fetches, 2 + index);
      assert.deepEqual(await Deno.readFile(path), OPERATOR.bytes);
    }
  } finally {
    await Deno.remove(dataDirectory, { recursive: true });
  }
});

Deno.test("a damaged component without a source is refused with what to do", async () => {
  const dataDirectory = await Deno.makeTempDir();
  try {
    {
      await using harness = await startEngine({ dataDirectory });
      await harness.engine.upload(OPERATOR.bytes);
    }
    Deno.writeTextFileSync(storedPath(dataDirectory, OPERATOR.digest), "damaged");
    await using harness = await startEngine({ dataDirectory });
    await assert.rejects(runService(harness.engine, serviceOf({ operator: OPERATOR.digest }), "{}"), (error) => {
      assert.ok(isWavsError(error, "component_damaged"), `${error}`);
      assert.match(error.message, /upload it again with POST \/dev\/components or give it a download source/);
      return true;
    });
    await harness.engine.upload(OPERATOR.bytes);
    await assertRuns(harness.engine, serviceOf({ operator: OPERATOR.digest }));
  } finally {
    await Deno.remove(dataDirectory, { recursive: true });
  }
});
