import assert from "node:assert/strict";
import { planComponent } from "@/engine/component/mod.ts";
import { isWavsError } from "@/domain/errors.ts";
import { buildComponents, listComponents } from "./build.ts";
import { fromStandIn, toStandIn } from "./builder/stand_in.ts";

async function withOutDir(use: (outDir: string) => Promise<void>): Promise<void> {
  const outDir = await Deno.makeTempDir();
  try {
    await use(outDir);
  } finally {
    await Deno.remove(outDir, { recursive: true });
  }
}

Deno.test("a component is built once and again only when its record is out of date", async () => {
  await withOutDir(async (outDir) => {
    const options = { names: ["square"], outDir };
    const [first] = await buildComponents(options);
    const [second] = await buildComponents(options);
    assert.deepEqual([first?.rebuilt, second?.rebuilt], [true, false]);
    assert.equal(second?.digest, first?.digest);

    await Deno.writeTextFile(`${outDir}/square.json`, JSON.stringify({ fingerprint: "", digest: first?.digest }));
    const [third] = await buildComponents(options);
    assert.equal(third?.rebuilt, true);

    await Deno.remove(`${outDir}/square.wasm`);
    const [fourth] = await buildComponents(options);
    assert.equal(fourth?.rebuilt, true);
  });
});

Deno.test("a build leaves nothing but the components and their records", async () => {
  await withOutDir(async (outDir) => {
    await buildComponents({ names: ["square"], outDir });
    const names = Array.from(Deno.readDirSync(outDir), ({ name }) => name).sort();
    assert.deepEqual(names, ["square.json", "square.wasm"]);
  });
});

Deno.test("an unknown component is refused by name", async () => {
  await withOutDir(async (outDir) => {
    await assert.rejects(
      buildComponents({ names: ["circle"], outDir }),
      (error) => isWavsError(error, "component_unknown") && error.message.includes('"circle"'),
    );
  });
});

Deno.test("the folder holds the sample components, each with ten lines of README", async () => {
  const names = await listComponents();
  assert.deepEqual(names, Object.keys(OWN_PACKAGES).sort());
  for (const name of names) {
    const readme = await Deno.readTextFile(new URL(`${name}/README.md`, import.meta.url));
    assert.ok(readme.startsWith(`# ${name}\n`), `${name} names itself`);
    assert.ok(readme.trimEnd().split("\n").length <= 12, `${name} is short`);
  }
});

/** What the guest's engine brings along, whatever the component does. */
const ENGINE_PACKAGES = [
  "wasi:cli@0.2.12",
  "wasi:clocks@0.2.12",
  "wasi:filesystem@0.2.12",
  "wasi:io@0.2.12",
  "wasi:random@0.2.12",
];

const KEY_VALUE = "wasi:keyvalue@0.2.0-draft2";

const OWN_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  block_echo: [KEY_VALUE],
  cron_echo: [],
  echo: ["wasi:cli@0.2.0", "wasi:clocks@0.2.0", "wasi:io@0.2.0"],
  kv_counter: [KEY_VALUE],
  permissions_probe: [
    "wasi:cli@0.2.0",
    "wasi:clocks@0.2.0",
    "wasi:filesystem@0.2.0",
    "wasi:http@0.2.0",
    "wasi:io@0.2.0",
  ],
  price_oracle: ["wasi:clocks@0.2.0", "wasi:http@0.2.0", "wasi:io@0.2.0"],
  simple_aggregator: ["wasi:cli@0.2.0", "wasi:clocks@0.2.0", "wasi:http@0.2.0", "wasi:io@0.2.0", KEY_VALUE],
  square: [],
  timer_aggregator: ["wasi:clocks@0.2.0", "wasi:http@0.2.0", "wasi:io@0.2.0", KEY_VALUE],
};

Deno.test("components import functions of the WASI packages their sources import, and of the engine's", async () => {
  for (const { name, path } of await buildComponents()) {
    const { surface } = planComponent(await Deno.readFile(path));
    const packages = surface.imports.map(({ interfaceName }) => interfaceName.replace(/\/[^@]*/, ""));
    const expected = ["host", ...ENGINE_PACKAGES, ...OWN_PACKAGES[name] ?? []];
    assert.deepEqual([...new Set(packages)].sort(), expected.sort(), name);
  }
});

Deno.test("renaming to the stand-in and back changes nothing else", () => {
  const bytes = new TextEncoder().encode("\0wasm wasi:io/poll was wasi: wasi w");
  const renamed = new TextEncoder().encode(toStandIn(new TextDecoder().decode(bytes)));
  assert.equal(renamed.length, bytes.length);
  assert.notDeepEqual(renamed, bytes);
  assert.deepEqual(fromStandIn(renamed), bytes);
});
