import assert from "node:assert/strict";
import { type CliEnd, runCliProcess } from "@tests/support/cli_process.ts";

/** What the program printed, when it did what it was asked. */
function outputOf({ code, stdout, stderr }: CliEnd): string {
  assert.equal(code, 0, stderr);
  return stdout;
}

async function inDirectory(use: (run: (...args: string[]) => Promise<CliEnd>, directory: string) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  try {
    await use((...args) => runCliProcess(directory, ...args), directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a new operator component builds, is inspected and runs, each by the command the one before names", async () => {
  await inDirectory(async (run, directory) => {
    assert.match(outputOf(await run("component", "new", "greeter")), /wavs component build greeter/);
    const built = outputOf(await run("component", "build", "greeter"));
    assert.match(built, /^Built greeter\/greeter\.wasm \(\d+ bytes\) in [\d.]+ s$/m);
    const digest = /^ {2}digest ([0-9a-f]{64})$/m.exec(built)?.[1];

    const shown = outputOf(await run("component", "inspect", "greeter/greeter.wasm"));
    assert.match(shown, /^ {2}world +operator$/m);
    assert.match(shown, /^ {2}allowed_http_hosts +not needed$/m);
    assert.match(shown, /^ {2}host: .*config-var.*$/m);
    const inspected = JSON.parse(outputOf(await run("component", "inspect", "greeter/greeter.wasm", "--json")));
    const { size } = await Deno.stat(`${directory}/greeter/greeter.wasm`);
    assert.deepEqual([inspected.digest, inspected.bytes, inspected.world], [digest, size, "operator"]);
    assert.ok(inspected.core_modules.length > 1);
    assert.ok(inspected.instantiate.median_us > 0 && inspected.instantiate.instances > 0);
    assert.ok(inspected.exports.some(({ name }: { name: string }) => name === "run"));

    const args = ["greeter/greeter.wasm", "--input", "world", "--config", "greeting=good morning"];
    const ran = outputOf(await run("exec", ...args, "--calls"));
    assert.match(ran, /^ {2}trigger +0: good morning, world$/m);
    assert.match(ran, /^ {2}info +trigger 0 names "world"$/m);
    assert.match(ran, /^ {2}host#config-var$/m);
  });
});

Deno.test("wavs dev brings what an author's component answers on a local chain", async () => {
  await inDirectory(async (run, directory) => {
    outputOf(await run("component", "new", "greeter"));
    outputOf(await run("component", "build", "greeter"));
    const landed = outputOf(await run("dev", "--component", "greeter/greeter.wasm", "--input", "world", "--once"));
    assert.match(landed, /read back +hello, world from the handler contract$/m);
    assert.match(landed, /✔ the chain holds hello, world$/m);

    await Deno.writeTextFile(`${directory}/not.wasm`, "not a component");
    const refused = await run("dev", "--component", "not.wasm", "--once");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^wavs: .*component/);
    for (
      const [args, expected] of [
        [
          ["--component", "gone.wasm"],
          /^wavs: Cannot use "gone\.wasm" for --component; expected the file of a component/,
        ],
        [["--input", "world"], /^wavs: Cannot use "world" for --input; expected it together with --component FILE/],
        [
          ["--component", "greeter/greeter.wasm", "--operators", "3"],
          /for --component; expected it without --operators/,
        ],
      ] as const
    ) {
      const { code, stderr } = await run("dev", ...args, "--once");
      assert.equal(code, 1);
      assert.match(stderr, expected);
    }
  });
});

Deno.test("a new aggregator component builds and submits", async () => {
  await inDirectory(async (run) => {
    outputOf(await run("component", "new", "--world", "aggregator", "services/submitter"));
    outputOf(await run("component", "build", "services/submitter", "--out", "out/submitter.wasm"));
    const inspected = JSON.parse(outputOf(await run("component", "inspect", "out/submitter.wasm", "--json")));
    assert.equal(inspected.world, "aggregator");
    const address = `0x${"00".repeat(16)}deadbeef`;
    const config = ["--config", "chain=evm:31337", "--config", `service_handler=${address}`];
    const ran = outputOf(await run("exec", "out/submitter.wasm", "--input", '{"payload":"0x01"}', ...config, "--json"));
    assert.deepEqual(JSON.parse(ran).actions, [{ Submit: { Evm: { chain: "evm:31337", address, gas_price: null } } }]);
  });
});

Deno.test("a component may use npm packages its own deno.json names", async () => {
  await inDirectory(async (run, directory) => {
    outputOf(await run("component", "new", "coder"));
    const path = `${directory}/coder/deno.json`;
    const configuration = JSON.parse(await Deno.readTextFile(path));
    configuration.imports.base = "npm:@scure/base@2.2.0";
    await Deno.writeTextFile(path, JSON.stringify(configuration));
    await Deno.writeTextFile(
      `${directory}/coder/component.ts`,
      'import { base58 } from "base";\nimport { encodeText, textOperator } from "./wavs/mod.ts";\n' +
        "export const run = textOperator((text) => base58.encode(encodeText(text)));\n",
    );
    outputOf(await run("component", "build", "coder"));
    assert.match(outputOf(await run("exec", "coder/coder.wasm", "--input", "hello")), /^ {2}trigger +0: Cn8eVZg$/m);
  });
});

Deno.test("an author's mistakes are told with file, line and column, and leave the last component as it was", async () => {
  await inDirectory(async (run, directory) => {
    outputOf(await run("component", "new", "greeter"));
    await Deno.writeTextFile(`${directory}/greeter/greeter.wasm`, "the last one");
    const cases = [
      {
        source:
          'import { textOperator } from "./wavs/mod.ts";\nexport const run = textOperator((text) =>\n  text.size\n);\n',
        expected: /greeter\/component\.ts:3:8: TS2339: Property 'size' does not exist on type 'string'\./,
      },
      { source: "export const run = (;\n", expected: /greeter\/component\.ts:1:21: SyntaxError/ },
      {
        source: 'import { x } from "./gone.ts";\nexport const run = x;\n',
        expected: /greeter\/component\.ts:1:19: TS2307/,
      },
      { source: "export const walk = 1;\n", expected: /because it exports neither "run" nor "processInput"/ },
    ];
    for (const { source, expected } of cases) {
      await Deno.writeTextFile(`${directory}/greeter/component.ts`, source);
      const { code, stderr } = await run("component", "build", "greeter");
      assert.equal(code, 1, source);
      assert.match(stderr, expected);
    }
    assert.equal(await Deno.readTextFile(`${directory}/greeter/greeter.wasm`), "the last one");
  });
});

Deno.test("nothing is overwritten by a new component, not even an empty folder", async () => {
  await inDirectory(async (run, directory) => {
    await Deno.mkdir(`${directory}/mine`);
    await Deno.writeTextFile(`${directory}/file`, "mine");
    for (const name of ["mine", "file"]) {
      const { code, stderr } = await run("component", "new", name);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`^wavs: Cannot make the component "${directory}/${name}" because`));
    }
    assert.deepEqual([...Deno.readDirSync(`${directory}/mine`)], []);
    assert.equal(await Deno.readTextFile(`${directory}/file`), "mine");
  });
});
