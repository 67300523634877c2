import assert from "node:assert/strict";
import { buildComponents } from "@components/build.ts";
import { NodeClient } from "@/cli/dev/node_client.ts";
import { registerService } from "@/cli/dev/register.ts";
import { demoService } from "@/cli/dev/service_document.ts";
import { VERSION } from "@/version.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { anvilVariable, type Binary, type BinaryForm, buildBinary, canCompile } from "@tests/support/binary.ts";
import { uploadSamples } from "@tests/support/components.ts";
import { addTrigger, deployContracts, readAnswer } from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";
import { createHome } from "@tests/support/node_home.ts";
import { until } from "@tests/support/until.ts";
import { stringToHex } from "viem";

const MAX_MEGABYTES = 110;

/** The runtime that compiled forms are checked with is older than the node needs: it cannot pin the address of a request. */
const LACKS_HTTP =
  "SKIPPED for the compiled form: what asks over HTTP, since the runtime it is checked with is Deno 2.7";

const forms: readonly BinaryForm[] = canCompile() ? ["packed", "compiled"] : ["packed"];
if (!canCompile()) say("SKIPPED: no compiled form is checked because DENO_FOR_COMPILE and DENORT_BIN are not set");
else say(LACKS_HTTP);

for (const form of forms) {
  Deno.test(`the ${form} binary does its job with nothing around it`, async (t) => {
    await using binary = await buildBinary(form);
    assert.ok(binary.bytes <= MAX_MEGABYTES * 1e6, `${binary.bytes} bytes`);
    await t.step("it says what it is", () => saysWhatItIs(binary));
    await t.step("what it is not made for is refused with the reason", () => refuses(binary));
    await t.step("components run in its sandbox", () => runsComponents(binary));
    if (form === "packed") {
      await t.step("the demo is part of it, with one operator and with three", () => demonstrates(binary));
      await t.step("a node that is killed goes on where it was", () => survives(binary));
    } else {
      await t.step("a node starts, and again after it was killed", () => starts(binary));
    }
  });
}

for (const form of forms) {
  Deno.test(`two ${form} builds of the same sources are the same file`, async () => {
    await using first = await buildBinary(form);
    await using second = await buildBinary(form);
    const hash = async ({ path }: Binary) =>
      new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
    assert.equal(await hash(first), await hash(second));
  });
}

Deno.test("a packed binary that was damaged on its way says so, and runs nothing", async () => {
  await using binary = await buildBinary("packed");
  const bytes = await Deno.readFile(binary.path);
  bytes[bytes.length - 1_000] = (bytes[bytes.length - 1_000] ?? 0) ^ 1;
  await Deno.writeFile(binary.path, bytes);
  const { code, stderr } = await binary.run(["--version"]);
  assert.equal(code, 1);
  assert.match(stderr, /it is damaged; download it again/);
});

async function saysWhatItIs(binary: Binary): Promise<void> {
  assert.deepEqual(await binary.run(["--version"]), { code: 0, stdout: `wavs ${VERSION}\n`, stderr: "" });
  const { code, stdout } = await binary.run(["--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /Examples\n {2}wavs dev/);
}

async function refuses(binary: Binary): Promise<void> {
  // Where it lies no service would see it.
  const service = await binary.run(["install-service", "--print"]);
  assert.equal(service.code, 1);
  assert.ok(service.stderr.includes(`Cannot use "${binary.path}" for --exec`), service.stderr);
  const unknown = await binary.run(["rum"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^wavs: There is no command "rum"/);
  const build = await binary.run(["component", "build"]);
  assert.equal(build.code, 1);
  assert.match(build.stderr, /needs the sources; run it in a checkout/);
  const unset = await binary.run(["run", "--data", "data"]);
  assert.equal(unset.code, 1);
  assert.match(unset.stderr, /Cannot start without a signing mnemonic/);
}

async function runsComponents(binary: Binary): Promise<void> {
  const [square, probe] = await buildComponents({ names: ["square", "permissions_probe"] });
  const squared = await binary.run(["exec", square?.path ?? "", "--input", '{"x":12}', "--json"]);
  assert.equal(squared.code, 0, squared.stderr);
  assert.match(squared.stdout, /7b2279223a3134347d|\{\\"y\\":144\}/);
  await confines(binary, probe?.path ?? "");
}

/** A component gets as far as it is allowed to: each of its wishes is refused alone, and all are granted together. */
async function confines(binary: Binary, probe: string): Promise<void> {
  let requests = 0;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    requests++;
    return Response.json({ json: request.method === "POST" ? await request.json() : "got" });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const input = JSON.stringify({ get_url: url, post_url: url, post_data: ["a", "b"], timestamp: 1 });
  const probed = (...allowed: string[]) => binary.run(["exec", probe, "--input", input, ...allowed]);
  const http = ["--allow-http", "127.0.0.1"];

  const refusals: readonly (readonly [allowed: readonly string[], refusal: RegExp])[] = [
    [[], /may ask no HTTP host/],
    [http, /failed to find a pre-opened file descriptor/],
    [["--allow-files", ...http], /HTTP-request-denied: "127\.0\.0\.1" is not a public address/],
    [["--allow-files", "--allow-private-networks", "--allow-http", "example.com"], /HTTP-request-denied/],
  ];
  for (const [allowed, refusal] of refusals) {
    const { code, stdout, stderr } = await probed(...allowed);
    assert.equal(code, 1, allowed.join(" "));
    assert.match(`${stdout}\n${stderr}`, refusal, allowed.join(" "));
  }
  assert.equal(requests, 0, "nothing got out");
  // The runtime the compiled form is checked with cannot ask at all, see LACKS_HTTP.
  if (binary.form === "compiled") return;
  const granted = await probed("--allow-files", "--allow-private-networks", ...http);
  assert.equal(granted.code, 0, granted.stderr);
  assert.equal(requests, 2);
}

async function demonstrates(binary: Binary): Promise<void> {
  const anvil = await anvilVariable();
  const once = await binary.run(["dev", "--once"], anvil);
  assert.equal(once.code, 0, `${once.stdout}\n${once.stderr}`);
  assert.match(once.stdout, /✔ the chain holds {"y":49}/);
  const three = await binary.run(["dev", "--operators", "3", "--once", "--discovery", "kademlia"], anvil);
  assert.equal(three.code, 0, `${three.stdout}\n${three.stderr}`);
  assert.match(three.stdout, /1 transaction for 3 operators/);
}

/** Answers an event, is killed, and answers the one that came meanwhile. */
async function survives(binary: Binary): Promise<void> {
  await using anvil = await startAnvil();
  const port = freePort();
  await using home = await createHome({ chains: [anvil], settings: { port: String(port) } });
  const contracts = await deployContracts(anvil);
  const { chain, trigger, submit } = contracts;
  const client = new NodeClient(`http://127.0.0.1:${port}`);
  const answered = (triggerId: bigint, expected: string) =>
    until("it is answered", async () => await readAnswer(chain, submit, triggerId) === expected);

  let running = await ready(binary, home.path, port);
  try {
    const { square, simple_aggregator } = await uploadSamples(client, ["square", "simple_aggregator"]);
    const service = demoService({
      chain: `evm:${anvil.chainId}`,
      contracts,
      operator: square,
      aggregator: simple_aggregator,
    });
    await registerService({ chain, client }, service);
    const { triggerId } = await addTrigger(chain, trigger, stringToHex('{"x":12}'));
    await answered(triggerId, '{"y":144}');
    say(
      `${binary.form}: ${(binary.bytes / 1e6).toFixed(1)} MB, ready in ${
        running.readyMs.toFixed(0)
      } ms, idle RSS with one service ${await idleMegabytes(running.process.pid)} MB`,
    );
    await kill(running.process);
    const { triggerId: second } = await addTrigger(chain, trigger, stringToHex('{"x":3}'));
    running = await ready(binary, home.path, port);
    await answered(second, '{"y":9}');
  } finally {
    await kill(running.process);
  }
}

async function starts(binary: Binary): Promise<void> {
  await using anvil = await startAnvil();
  const port = freePort();
  await using home = await createHome({ chains: [anvil], settings: { port: String(port) } });
  for (let round = 0; round < 2; round++) {
    const { process, readyMs } = await ready(binary, home.path, port);
    if (round > 0) {
      say(
        `${binary.form}: ${(binary.bytes / 1e6).toFixed(1)} MB, ready in ${
          readyMs.toFixed(0)
        } ms, idle RSS ${await idleMegabytes(process.pid)} MB`,
      );
    }
    await kill(process);
  }
}

interface Running {
  readonly process: Deno.ChildProcess;
  readonly readyMs: number;
}

async function ready(binary: Binary, home: string, port: number): Promise<Running> {
  const startedMs = performance.now();
  const process = binary.spawn(["run", "--home", home]);
  await until("the node answers", async () => {
    const response = await fetch(`http://127.0.0.1:${port}/info`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok === true;
  });
  return { process, readyMs: performance.now() - startedMs };
}

async function kill(process: Deno.ChildProcess): Promise<void> {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  await process.status;
}

/**
 * Of the process, once it is idle: what prepares components stays for ten seconds after it was wanted, and an isolate
 * gives back what it allocated at its start after half a minute.
 */
async function idleMegabytes(pid: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 40_000));
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  return Number.isNaN(kibibytes) ? "?" : (kibibytes * 1024 / 1e6).toFixed(0);
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
