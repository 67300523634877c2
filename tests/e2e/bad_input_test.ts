import assert from "node:assert/strict";
import { stringToHex } from "viem";
import { NodeClient } from "@/cli/dev/node_client.ts";
import { registerService } from "@/cli/dev/register.ts";
import { type ComponentDraft, demoService, serviceOf } from "@/cli/dev/service_document.ts";
import { encodeService, printJson } from "@/domain/mod.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { callApi } from "@tests/support/api.ts";
import { uploadSamples } from "@tests/support/components.ts";
import { addTrigger, deployContracts, handledEvents, readAnswer, setServiceUri } from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";
import { createHome } from "@tests/support/node_home.ts";
import { NodeProcess } from "@tests/support/node_process.ts";
import { until } from "@tests/support/until.ts";
import { buildGuest } from "@tests/support/wat_guests.ts";

const CHAIN = "evm:31337";
const ABSENT = "ab".repeat(32);

/** What people upload in place of a component. */
const NO_COMPONENTS = [
  {
    what: "a web page",
    bytes: new TextEncoder().encode("<!doctype html><title>404</title>"),
    says: /^The component is malformed: expected WebAssembly's magic number at byte 0; build or fetch it again$/,
  },
  {
    what: "half a file",
    bytes: Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, 0x01, 0x7f),
    says: /^The component is malformed: .* at byte \d+; build or fetch it again$/,
  },
  {
    what: "a core module",
    bytes: Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00),
    says: /^The file is a core module, not a component; make one of it with "wasm-tools component new"$/,
  },
];

/** Imports an interface no node has. */
function strangeComponent(): Promise<Uint8Array> {
  return buildGuest({
    wat: `(module (import "acme:vault/secrets" "read" (func (result i32))) (func (export "run")))`,
    wit: `package acme:vault;
      interface secrets { read: func() -> u32; }
      world guest { import secrets; export run: func(); }`,
    world: "guest",
  });
}

/** A service document somebody got wrong. */
interface Mistake {
  readonly name: string;
  /** What is served at `/service.json`; nothing is when it is `undefined`. */
  readonly document: (parts: Parts) => string | undefined;
  readonly status: number;
  readonly says: (parts: Parts) => RegExp;
}

interface Parts {
  /** Where the document and the components are served. */
  readonly web: string;
  /** The manager that names the document. */
  readonly manager: string;
  readonly strangeDigest: string;
}

/** A document without mistakes, but for its component. */
function documentOf(manager: string, source: ComponentDraft["source"]): string {
  const workflows = { first: { trigger: "manual", component: { source }, submit: "none" } } as const;
  return printJson(encodeService(serviceOf({ name: "wrong", manager: { chain: CHAIN, address: manager }, workflows })));
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const MISTAKES: readonly Mistake[] = [
  {
    name: "is not there",
    document: () => undefined,
    status: 500,
    says: ({ web }) =>
      new RegExp(`^Failed to fetch service: cannot read "${escaped(web)}/service\\.json" because .*404`),
  },
  {
    name: "is no JSON",
    document: () => '{"name": "wrong",',
    status: 400,
    says: ({ web }) => new RegExp(`^Cannot use the service document at "${escaped(web)}/service\\.json": .*JSON`),
  },
  {
    name: "has a status there is not",
    document: ({ manager }) => documentOf(manager, { digest: ABSENT }).replace('"active"', '"asleep"'),
    status: 400,
    says: () => /^Cannot use the service document at ".*": .*status.*"asleep"/,
  },
  {
    name: "lacks its workflows",
    document: ({ manager }) =>
      JSON.stringify({ ...JSON.parse(documentOf(manager, { digest: ABSENT })), workflows: undefined }),
    status: 400,
    says: () => /^Cannot use the service document at ".*": .*workflows/,
  },
  {
    name: "belongs to another manager",
    document: () => documentOf(`0x${"11".repeat(20)}`, { digest: ABSENT }),
    status: 400,
    says: ({ manager }) => new RegExp(`names the manager .*0x1111.*, not .*${manager}`, "i"),
  },
  {
    name: "names a component nobody uploaded",
    document: ({ manager }) => documentOf(manager, { digest: ABSENT }),
    status: 400,
    says: () => new RegExp(`^No wasm found for digest ${ABSENT}; upload it with POST /dev/components or give it a`),
  },
  {
    name: "names the wrong digest for what is downloaded",
    document: ({ manager, web }) => documentOf(manager, { download: { uri: `${web}/strange.wasm`, digest: ABSENT } }),
    status: 400,
    says: ({ web, strangeDigest }) =>
      new RegExp(
        `"${escaped(web)}/strange\\.wasm" because its SHA-256 is "${strangeDigest}", not "${ABSENT}"; correct`,
      ),
  },
  {
    name: "names a component that imports what no node has",
    document: ({ manager, web, strangeDigest }) =>
      documentOf(manager, { download: { uri: `${web}/strange.wasm`, digest: strangeDigest } }),
    status: 400,
    says: () => /imports "acme:vault\/secrets#read", which the operator world of this node does not have; build it/,
  },
];

Deno.test("a service that cannot be used is refused with one sentence, and takes nothing away from the others", async (t) => {
  await using anvil = await startAnvil();
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  await using home = await createHome({ chains: [anvil], settings: { port: String(port) } });
  const contracts = await deployContracts(anvil);
  const { chain } = contracts;
  const { manager } = await deployContracts(anvil);
  const strange = await strangeComponent();
  let document: string | undefined;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/strange.wasm") return new Response(new Uint8Array(strange));
    return document === undefined ? new Response("no such file", { status: 404 }) : new Response(document);
  });
  const web = `http://127.0.0.1:${server.addr.port}`;
  const parts: Parts = { web, manager, strangeDigest: await sha256(strange) };
  await setServiceUri(chain, manager, `${web}/service.json`);

  const ask = async (x: number) => {
    const { triggerId } = await addTrigger(chain, contracts.trigger, stringToHex(`{"x":${x}}`));
    return await until(`${x} is squared`, () => readAnswer(chain, contracts.submit, triggerId));
  };
  let services: unknown;
  {
    await using node = new NodeProcess(["run", "--home", home.path]);
    await node.ready(url);
    const client = new NodeClient(url);
    const { square, simple_aggregator } = await uploadSamples(client, ["square", "simple_aggregator"]);
    const service = demoService({ chain: CHAIN, contracts, operator: square, aggregator: simple_aggregator });
    await registerService({ chain, client }, service);
    assert.equal(await ask(3), '{"y":9}');
    services = await listServices(url);

    for (const mistake of MISTAKES) {
      await t.step(`a document that ${mistake.name}`, async () => {
        document = mistake.document(parts);
        const answer = await callApi(url, "POST /services", {
          service_manager: { evm: { chain: CHAIN, address: manager } },
        });
        assert.equal(answer.status, mistake.status, answer.text);
        assert.match(answer.text, mistake.says(parts));
        assert.ok(!answer.text.includes("\n"), answer.text);
        assert.deepEqual(await listServices(url), services);
      });
    }
    for (const { what, bytes, says } of NO_COMPONENTS) {
      await t.step(`${what} is no component`, async () => {
        const response = await fetch(`${url}/dev/components`, { method: "POST", body: bytes });
        const text = await response.text();
        assert.equal(response.status, 400, text);
        assert.match(text, says);
      });
    }
    assert.equal(await ask(4), '{"y":16}');
    assert.equal((await node.kill("SIGTERM")).code, 0);
  }
  await using node = new NodeProcess(["run", "--home", home.path]);
  await node.ready(url);
  assert.deepEqual(await listServices(url), services);
  assert.equal(await ask(5), '{"y":25}');
  assert.equal((await handledEvents(chain, contracts.submit)).length, 3);
});

/** The services as they are listed; components lie in the store whether a service uses them or not. */
async function listServices(url: string): Promise<unknown> {
  const { text } = await callApi(url, "GET /services");
  const { services, service_ids } = JSON.parse(text) as Record<string, unknown>;
  return { services, service_ids };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return new Uint8Array(digest).toHex();
}
