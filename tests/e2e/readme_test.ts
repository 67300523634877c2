import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { emptyDirectory } from "@tests/support/empty_directory.ts";
import { runProcess } from "@tests/support/run_process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

async function checkReadme(...args: readonly string[]) {
  return await runProcess(Deno.execPath(), ["run", "-A", "scripts/check_readme.ts", ...args], { cwd: ROOT });
}

Deno.test("what the README shows is true: commands, configurations, a service, outputs and names", async () => {
  const { code, stdout, stderr } = await checkReadme();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^README\.md is true$/m);
});

Deno.test("what is not true in a README is told with its line", async () => {
  await using directory = await emptyDirectory();
  const path = `${directory.path}/README.md`;
  const fence = "```";
  const cases = [
    [`${fence}sh\nwavs nonsense\n${fence}\n`, /README\.md:2: "wavs nonsense" does not do what it should/],
    [`${fence}sh\nwavs version\n${fence}\n${fence}text\n✔ node\n${fence}\n`, /README\.md:4: the steps shown are node/],
    [
      `${fence}toml\n[wavs]\ndurability = "never"\n${fence}\n`,
      /the README shows a configuration of which is said: .*durability/,
    ],
    [`${fence}json\n{"name": "x"}\n${fence}\n`, /workflows/],
    [`${fence}yaml\na: 1\n${fence}\n`, /README\.md:1: nothing checks "yaml"/],
    ["nothing else\n", /README\.md shows no longer: deno task test/],
  ] as const;
  for (const [markdown, expected] of cases) {
    await Deno.writeTextFile(path, markdown);
    const { code, stderr } = await checkReadme(path);
    assert.equal(code, 1, markdown);
    assert.match(stderr, expected);
  }
});
