import assert from "node:assert/strict";
import { VERSION } from "@/version.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { runCliProcess } from "@tests/support/cli_process.ts";
import { TEST_MNEMONIC } from "@tests/support/contracts.ts";
import { emptyDirectory } from "@tests/support/empty_directory.ts";
import { freePort } from "@tests/support/free_port.ts";
import { createHome } from "@tests/support/node_home.ts";
import { NodeProcess } from "@tests/support/node_process.ts";

interface FindingJson {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly fix?: string;
}

async function doctor(home: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await runCliProcess(home, "doctor", "--home", home, "--json", ...args);
  assert.equal(stderr, "");
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly FindingJson[] };
  const of = (state: string) => findings.filter((finding) => finding.state === state);
  return { code, findings, of };
}

Deno.test("what wavs init writes is a configuration that a node starts with, and is written once", async () => {
  await using directory = await emptyDirectory();
  const home = `${directory.path}/operator`;
  const first = await runCliProcess(directory.path, "init", "operator");
  assert.equal(first.code, 0, first.stderr);
  const mnemonic = await Deno.readTextFile(`${home}/signing_mnemonic`);
  assert.equal(mnemonic.trim().split(" ").length, 24);
  assert.equal((await Deno.stat(`${home}/signing_mnemonic`)).mode! & 0o777, 0o600);
  assert.ok(!`${first.stdout}${first.stderr}`.includes(mnemonic.trim()), "the mnemonic is not shown");

  const again = await runCliProcess(directory.path, "init", "operator");
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^wavs: Cannot write ".*operator\/wavs\.toml" because it is there already/);
  assert.equal(await Deno.readTextFile(`${home}/signing_mnemonic`), mnemonic);

  const { code, findings, of } = await doctor(home);
  assert.equal(code, 0, JSON.stringify(findings));
  assert.deepEqual(of("warn").map(({ name }) => name), ["paying key", "chains"]);

  const port = freePort();
  await using node = new NodeProcess(["run", "--home", home, "--port", String(port)]);
  await node.ready(`http://127.0.0.1:${port}`);
  const { code: ended } = await node.kill("SIGTERM");
  assert.equal(ended, 0);
});

Deno.test("the commented keys of the configuration that wavs init writes are keys of this node", async () => {
  await using directory = await emptyDirectory();
  await runCliProcess(directory.path, "init", ".");
  const path = `${directory.path}/wavs.toml`;
  const text = await Deno.readTextFile(path);
  // The two ways to find other operators exclude each other.
  const [plain = "", rest = ""] = text.split(/^# \[wavs\.p2p\.local\]\n# .*\n/m);
  const secrets = `${directory.path}/secret`;
  await Deno.writeTextFile(secrets, TEST_MNEMONIC, { mode: 0o600 });
  const active = `${plain}${rest}`.replace(/^# (?=\[|\w+ = )/gm, "").replaceAll(/"\/etc\/wavs\/\w+"/g, `"${secrets}"`);
  await Deno.writeTextFile(path, active);
  const { findings } = await doctor(directory.path);
  assert.deepEqual(findings.filter(({ name }) => name === "configuration").map(({ state }) => state), ["ok"]);
  assert.ok(
    findings.some(({ name, state }) => name === "chain evm:31337" && state === "fail"),
    "the chain is not there",
  );
});

Deno.test("wavs doctor and wavs status tell how a node is, before it runs, while it runs and without its chain", async () => {
  await using anvil = await startAnvil();
  const port = freePort();
  await using home = await createHome({ chains: [anvil], settings: { port: String(port) } });
  const url = `http://127.0.0.1:${port}`;

  const before = await doctor(home.path);
  assert.equal(before.code, 0, JSON.stringify(before.findings));
  assert.ok(
    before.of("ok").some(({ detail }) => /0x[0-9a-f]{40} has 10000/i.test(detail)),
    JSON.stringify(before.findings),
  );
  const absent = await runCliProcess(home.path, "status", "--home", home.path);
  assert.equal(absent.code, 75);
  assert.match(absent.stderr, /^wavs: No node answers at "http:.*start it with wavs run/);

  await using node = new NodeProcess(["run", "--home", home.path]);
  await node.ready(url);
  const healthy = await runCliProcess(home.path, "status", "--home", home.path);
  assert.equal(healthy.code, 0, healthy.stderr);
  assert.match(healthy.stdout, new RegExp(`node +wavs ${VERSION} at ${url}\\n +services +0\\n +chain +evm:31337`));
  const during = await doctor(home.path);
  assert.equal(during.code, 0, JSON.stringify(during.findings));
  assert.ok(during.of("ok").some(({ detail }) => detail.endsWith("a node is running on it")));

  await node.kill();
  await anvil[Symbol.asyncDispose]();
  const after = await doctor(home.path);
  assert.equal(after.code, 1);
  assert.deepEqual([...new Set(after.of("fail").map(({ name }) => name))], ["chain evm:31337"]);
  for (const { fix } of after.of("fail")) assert.match(fix ?? "", /start it, or correct its URL/);
});

Deno.test("wavs doctor names what is wrong, with the fix, and repeats no secret", async () => {
  await using anvil = await startAnvil();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const bad = "abandon ".repeat(12).trim();
  await using home = await createHome({
    chains: [{ chainId: 5, httpUrl: anvil.httpUrl }],
    settings: { port: String(taken.addr.port), signing_mnemonic: JSON.stringify(bad) },
  });
  await Deno.mkdir(home.data);
  await Deno.writeTextFile(`${home.data}/wavs.sqlite`, "this is no database".repeat(100));
  const { code, findings, of } = await doctor(home.path);
  assert.equal(code, 1);
  assert.ok(!JSON.stringify(findings).includes("abandon"), "no secret");
  assert.deepEqual(of("fail").map(({ name }) => name), ["signing key", "HTTP API", "chain evm:5"]);
  assert.match(of("fail")[2]?.detail ?? "", /is of the chain 31337, not 5/);
  assert.ok(of("warn").some(({ name }) => name === "database"));
  for (const { name, fix } of [...of("fail"), ...of("warn")]) assert.ok(fix, name);

  const person = await runCliProcess(home.path, "doctor", "--home", home.path);
  assert.match(person.stdout, /✘ signing key .*\n +→ put the right secret in its place/);
});

Deno.test("wavs version tells programs what they run", async () => {
  const { code, stdout } = await runCliProcess("/", "version", "--json");
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    name: "wavs",
    version: VERSION,
    form: "sources",
    deno: Deno.version.deno,
    os: Deno.build.os,
    arch: Deno.build.arch,
  });
});

/** What a shell offers after `words`, having read the script of `wavs completions`. */
const SHELLS: Readonly<Record<string, (script: string, words: readonly string[]) => readonly string[]>> = {
  bash: (script, words) => [
    "bash",
    "-c",
    `. "$1"; shift; COMP_WORDS=(wavs "$@"); COMP_CWORD=$#; _wavs; printf '%s\\n' "\${COMPREPLY[@]}"`,
    "complete",
    script,
    ...words,
  ],
  fish: (script, words) => ["fish", "-c", `source $argv[1]; complete -C"wavs ${words.join(" ")}"`, script],
};

for (const [shell, command] of Object.entries(SHELLS)) {
  Deno.test(`${shell} completes commands, their subcommands and flags`, async (t) => {
    await using directory = await emptyDirectory();
    const script = `${directory.path}/completion`;
    await Deno.writeTextFile(script, (await runCliProcess("/", "completions", shell)).stdout);
    const offered = async (...words: readonly string[]) => {
      const [program = "", ...args] = command(script, words);
      const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout).split("\n").map((line) => line.split("\t")[0]).filter((line) =>
        line !== ""
      );
    };
    if (!await isInstalled(shell)) {
      Deno.stderr.writeSync(new TextEncoder().encode(`SKIPPED: there is no ${shell} on this machine\n`));
      return;
    }
    await t.step("commands", async () => assert.deepEqual((await offered("st")).toSorted(), ["status"]));
    await t.step("subcommands", async () => assert.deepEqual((await offered("component", "b")).toSorted(), ["build"]));
    await t.step("flags", async () => assert.deepEqual(await offered("run", "--wasm-l"), ["--wasm-lru-size"]));
  });
}

Deno.test("zsh takes the completion as its own", async () => {
  if (!await isInstalled("zsh")) {
    Deno.stderr.writeSync(new TextEncoder().encode("SKIPPED: there is no zsh on this machine\n"));
    return;
  }
  const { stdout: script } = await runCliProcess("/", "completions", "zsh");
  const program = `autoload -U compinit; compinit -D; ${script}\nprint -r -- $_comps[wavs]`;
  const { success, stdout, stderr } = await new Deno.Command("zsh", { args: ["-f", "-c", program] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.equal(new TextDecoder().decode(stdout).trim(), "_wavs");
});

async function isInstalled(program: string): Promise<boolean> {
  return (await new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).output()).success;
}
