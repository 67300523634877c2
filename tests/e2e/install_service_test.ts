import assert from "node:assert/strict";
import { runCliProcess } from "@tests/support/cli_process.ts";
import { emptyDirectory } from "@tests/support/empty_directory.ts";
import { runProcess } from "@tests/support/run_process.ts";

/** What `systemd-analyze security` may give the unit at most, of 10, in tenths: 0 is a service that can do nothing. */
const MAX_EXPOSURE_TENTHS = 20;

/** Any executable that every machine has where a service sees it: the unit is read here, not run. */
const EXECUTABLE = "/bin/sh";

async function install(...args: readonly string[]) {
  return await runCliProcess("/", "install-service", "--exec", EXECUTABLE, ...args);
}

/** What is set in a unit, by key and in order. */
function settingsOf(unit: string): ReadonlyMap<string, readonly string[]> {
  const lines = unit.split("\n").filter((line) => /^\w+=/.test(line)).map((line) => line.split(/=(.*)/s, 2));
  return new Map(
    lines.map(([key = ""]) => [key, lines.filter(([other]) => other === key).map(([, value = ""]) => value)]),
  );
}

async function analyze(...args: readonly string[]) {
  return await runProcess("systemd-analyze", ["--no-pager", ...args]);
}

Deno.test("the unit that wavs install-service writes is sound to systemd, and exposes little", async (t) => {
  if (!(await new Deno.Command("sh", { args: ["-c", "command -v systemd-analyze"] }).output()).success) {
    Deno.stderr.writeSync(new TextEncoder().encode("SKIPPED: there is no systemd-analyze on this machine\n"));
    return;
  }
  await using directory = await emptyDirectory();
  const credentials = ["signing_mnemonic", "aggregator_evm_credential", "bearer_token"];
  const given = credentials.flatMap((key) => ["--credential", `${key}=/root/keys/${key}`]);
  for (const [name, more] of [["wavs", []], ["wavs-2", ["--memory-max", "4G", ...given]]] as const) {
    const { code, stderr } = await install("--output", directory.path, "--name", name, ...more);
    assert.equal(code, 0, stderr);
    const unit = `${directory.path}/${name}.service`;
    await t.step(`${name} is verified without a word`, async () => {
      assert.deepEqual(await analyze("verify", unit), { code: 0, stdout: "", stderr: "" });
    });
    await t.step(`${name} is exposed less than ${MAX_EXPOSURE_TENTHS / 10}`, async () => {
      const { code, stdout, stderr } = await analyze(
        "security",
        "--offline=true",
        `--threshold=${MAX_EXPOSURE_TENTHS}`,
        unit,
      );
      const exposure = Number(/Overall exposure level for \S+: (\d+\.\d+)/.exec(stdout)?.[1]);
      assert.ok(exposure > 0 && exposure <= MAX_EXPOSURE_TENTHS / 10, `${exposure}\n${stdout}${stderr}`);
      assert.equal(code, 0, stdout);
      Deno.stderr.writeSync(new TextEncoder().encode(`systemd-analyze security: ${exposure}\n`));
    });
  }
  await t.step("a key that systemd does not know does not pass", async () => {
    const unit = `${directory.path}/wavs.service`;
    await Deno.writeTextFile(unit, (await Deno.readTextFile(unit)).replace("DynamicUser=yes", "DynamicUsers=yes"));
    assert.match((await analyze("verify", unit)).stderr, /Unknown key.* 'DynamicUsers'/);
  });
});

Deno.test("secrets come from systemd and by no other way, and only those that are there", async () => {
  await using directory = await emptyDirectory();
  const settings = settingsOf((await install("--print")).stdout);
  assert.deepEqual(settings.get("LoadCredential"), ["signing_mnemonic:/etc/wavs/signing_mnemonic"]);
  assert.ok(settings.get("Environment")?.includes("WAVS_SIGNING_MNEMONIC_FILE=%d/signing_mnemonic"));
  assert.ok(settings.get("Environment")?.includes("WAVS_DATA=%S/wavs"));
  assert.deepEqual(settings.get("RestartPreventExitStatus"), ["1"]);

  const more = settingsOf((await install("--print", "--credential", `bearer_token=${directory.path}/token`)).stdout);
  assert.deepEqual(more.get("LoadCredential"), [
    "signing_mnemonic:/etc/wavs/signing_mnemonic",
    `bearer_token:${directory.path}/token`,
  ]);
});

Deno.test("a unit is written once, and again only when that is asked for; what comes next is told and not done", async () => {
  await using directory = await emptyDirectory();
  const path = `${directory.path}/wavs.service`;
  const first = await install("--output", directory.path, "--home", "/nowhere/wavs");
  assert.equal(first.code, 0, first.stderr);
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o644);
  assert.deepEqual(first.stdout.split("\n").map((line) => line.trim()).slice(3, -1), [
    "wavs init /nowhere/wavs",
    "chmod 755 /nowhere/wavs",
    "systemctl daemon-reload",
    "systemctl enable --now wavs",
    "systemctl status wavs",
  ]);
  const written = await Deno.readTextFile(path);

  const again = await install("--output", directory.path, "--memory-max", "1G");
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^wavs: Cannot write ".*wavs\.service" because it is there already; .*--force$/m);
  assert.equal(await Deno.readTextFile(path), written);

  const forced = await install("--output", directory.path, "--memory-max", "1G", "--force");
  assert.equal(forced.code, 0, forced.stderr);
  assert.deepEqual(settingsOf(await Deno.readTextFile(path)).get("MemoryMax"), ["1G"]);
  assert.deepEqual([...Deno.readDirSync(directory.path)].map(({ name }) => name), ["wavs.service"]);
});

/** What must not get into a unit, where it would mean something else or nothing. */
const REFUSED: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [["--home", "/etc/wa vs"], /Cannot use "\/etc\/wa vs" for --home; expected a path of letters/],
  [["--home", "/etc/%n"], /Cannot use "\/etc\/%n" for --home/],
  [["--home", "/etc/wavs\nExecStartPre=/bin/evil"], /for --home; expected a path of letters/],
  [["--exec", "/opt/$wavs"], /Cannot use "\/opt\/\$wavs" for --exec/],
  [["--exec", "/root/wavs"], /Cannot use "\/root\/wavs" for --exec; expected a path that a service can see/],
  [["--exec", "/opt/../tmp/wavs"], /Cannot use "\/tmp\/wavs" for --exec; expected a path that a service can see/],
  [["--home", "/home/me/wavs"], /expected a path that a service can see/],
  [["--name", "Wavs!"], /Cannot use "Wavs!" for --name; expected at most 31/],
  [["--name", "../wavs"], /for --name/],
  [["--memory-max", "lots"], /Cannot use "lots" for --memory-max; expected bytes with K, M, G or T/],
  [["--memory-max", "0"], /for --memory-max/],
  [["--memory-max", "120%"], /for --memory-max/],
  [["--credential", "password=/etc/p"], /Cannot use "password=\/etc\/p" for --credential; expected KEY=/],
  [["--credential", "bearer_token=token"], /for --credential; expected KEY=\/path/],
  [["--credential", "bearer_token=/etc/a:b"], /for --credential; expected a path of letters/],
  [["--output", "/nowhere/at/all"], /Cannot write "\/nowhere\/at\/all\/wavs\.service" because .*give another --output/],
  [["now"], /Cannot use "now" for wavs install-service; expected options only/],
];

Deno.test("what systemd would read differently is refused with one sentence, and nothing is written", async (t) => {
  await using directory = await emptyDirectory();
  for (const [args, says] of REFUSED) {
    await t.step(args.join(" ").replaceAll("\n", "\\n"), async () => {
      const { code, stdout, stderr } = await install("--output", directory.path, ...args);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, /^wavs: /);
      assert.match(stderr, says);
      assert.deepEqual([...Deno.readDirSync(directory.path)], []);
    });
  }
});

Deno.test("a checkout is no service, unless the executable is named", async () => {
  const { code, stderr } = await runCliProcess("/", "install-service", "--print");
  assert.equal(code, 1);
  assert.equal(
    stderr,
    "wavs: Cannot make a service of a checkout; build the executable with deno task compile, and name it with --exec\n",
  );
});
