import assert from "node:assert/strict";
import { freePort } from "@tests/support/free_port.ts";
import { createHome, type HomeOptions } from "@tests/support/node_home.ts";
import { NodeProcess } from "@tests/support/node_process.ts";

/** What an operator did wrong, and what the node says to it. */
interface Mistake {
  readonly name: string;
  readonly home?: HomeOptions;
  readonly toml?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly code: 1 | 75;
  /** The one sentence on standard error. */
  readonly says: RegExp;
}

const CLOSED = freePort();
const BAD_CHECKSUM = `${"abandon ".repeat(11)}abandon`;

const MISTAKES: readonly Mistake[] = [
  {
    name: "a wavs.toml that is no TOML",
    toml: "[wavs\nport = 1\n",
    code: 1,
    says: /^wavs: Cannot read the configuration file ".*wavs\.toml": .* at line 1, column \d+$/,
  },
  {
    name: "settings with wrong values, all of them named",
    home: { settings: { port: '"eighty"', durability: '"maybe"' } },
    code: 1,
    says:
      /^wavs: Cannot use the configuration of ".*wavs\.toml" and its overrides: Cannot read "port": expected .*"eighty".*"durability".*"maybe"/,
  },
  {
    name: "no mnemonic",
    home: { settings: { signing_mnemonic: undefined } },
    code: 1,
    says: /^wavs: Cannot start without a signing mnemonic; set WAVS_SIGNING_MNEMONIC/,
  },
  {
    name: "a mnemonic with a wrong checksum, which is not repeated",
    home: { settings: { signing_mnemonic: JSON.stringify(BAD_CHECKSUM) } },
    code: 1,
    says: /^wavs: (?!.*abandon).*mnemonic/i,
  },
  {
    name: "an unknown option",
    args: ["--prot", "1"],
    code: 1,
    says: /^wavs: There is no option "--prot"; did you mean "--port"\? See wavs --help$/,
  },
  {
    name: "a log filter that is none",
    home: { settings: { log_level: '["triggers=loud"]' } },
    code: 1,
    says: /^wavs: Cannot use the log directive "triggers=loud": expected a level/,
  },
  {
    name: "a data directory below a file",
    home: { data: "/dev/null/wavs" },
    code: 1,
    says:
      /^wavs: Cannot use the data directory "\/dev\/null\/wavs" because .*; give a directory this user may write to/,
  },
  {
    name: "a chain that does not answer, when that is to end the start",
    home: {
      chains: [{ chainId: 31_337, httpUrl: `http://127.0.0.1:${CLOSED}` }],
      settings: { health_check_mode: '"exit"' },
    },
    code: 75,
    says: /^wavs: Cannot start because a chain is not healthy and health_check_mode is "exit": \[evm:31337\]/,
  },
  {
    name: "an endpoint of the wrong scheme",
    home: { chains: [{ chainId: 1, httpUrl: "ftp://node.example" }] },
    code: 1,
    says:
      /^wavs: Cannot use the configuration .*chains\.evm\.1\.http_endpoint: expected a URL with http:\/\/ or https:\/\//,
  },
];

for (const mistake of MISTAKES) {
  Deno.test(`the node refuses to start with ${mistake.name}`, async () => {
    await using home = await createHome(mistake.home);
    if (mistake.toml !== undefined) await Deno.writeTextFile(`${home.path}/wavs.toml`, mistake.toml);
    await using node = new NodeProcess(["run", "--home", home.path, ...mistake.args ?? []], { env: mistake.env ?? {} });
    const { code, stderr } = await node.ended;
    assert.equal(code, mistake.code, stderr);
    assert.match(sentenceOf(stderr), mistake.says, stderr);
  });
}

/** What the command said; the log of a start that went on for a while is not meant. */
function sentenceOf(stderr: string): string {
  const said = stderr.split("\n").filter((line) =>
    line !== "" && !line.startsWith("{") && !line.startsWith("  because")
  );
  assert.equal(said.length, 1, `one sentence: ${stderr}`);
  return said[0] ?? "";
}

Deno.test("an unknown command is refused with those there are", async () => {
  await using node = new NodeProcess(["rum"]);
  const { code, stderr } = await node.ended;
  assert.equal(code, 1);
  assert.match(sentenceOf(stderr), /^wavs: There is no command "rum"; the commands are /);
});

Deno.test("help and version explain themselves and end well", async () => {
  await using help = new NodeProcess(["--help"]);
  const helped = await help.ended;
  assert.equal(helped.code, 0);
  for (const part of ["run", "dev", "--data", "WAVS_", "wavs.toml"]) assert.ok(helped.stdout.includes(part), part);
  await using version = new NodeProcess(["--version"]);
  assert.match((await version.ended).stdout, /^wavs \d+\.\d+\.\d+/);
});

Deno.test("a second node on the same data is refused, and the first one goes on", async () => {
  const port = freePort();
  await using home = await createHome({ settings: { port: String(port) } });
  await using first = new NodeProcess(["run", "--home", home.path]);
  await first.ready(`http://127.0.0.1:${port}`);
  await using second = new NodeProcess(["run", "--home", home.path, "--port", "0"]);
  const { code, stderr } = await second.ended;
  assert.equal(code, 1);
  assert.match(
    sentenceOf(stderr),
    /^wavs: Cannot use the data directory ".*" because another node \(process \d+\) is running on it; stop that one/,
  );
  await first.ready(`http://127.0.0.1:${port}`);
});

Deno.test("a port that is taken is named", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("mine"));
  await using home = await createHome({ settings: { port: String(server.addr.port) } });
  await using node = new NodeProcess(["run", "--home", home.path]);
  const { code, stderr } = await node.ended;
  assert.equal(code, 1);
  assert.match(sentenceOf(stderr), new RegExp(`^wavs: .*${server.addr.port}.*--port`));
});

Deno.test("a chain that does not answer does not keep the node from starting, unless it is told so", async () => {
  const port = freePort();
  await using home = await createHome({
    chains: [{ chainId: 31_337, httpUrl: `http://127.0.0.1:${CLOSED}` }],
    settings: { port: String(port) },
  });
  await using node = new NodeProcess(["run", "--home", home.path]);
  const url = `http://127.0.0.1:${port}`;
  await node.ready(url);
  const health = await (await fetch(`${url}/health`)).json() as { chains: Record<string, unknown> };
  assert.match(JSON.stringify(health.chains["evm:31337"]), /unhealthy/);
  const answer = await fetch(`${url}/services`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      service_manager: { evm: { chain: "evm:31337", address: "0x5fbdb2315678afecb367f032d93f642f64180aa3" } },
    }),
  });
  assert.ok(answer.status >= 400, String(answer.status));
  assert.match(await answer.text(), /evm:31337|127\.0\.0\.1/);
  const { code } = await node.kill("SIGTERM");
  assert.equal(code, 0, "told to stop, it ends well");
});
