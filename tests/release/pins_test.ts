import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };
import { ROOT } from "./workflows.ts";

const FOLDERS = ["src", "components", "scripts", "tests"];

/** An import of a package, or of a file of it: `from "x"`, `import "x/y"`, `import("x")`. */
const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

const pins = Object.entries(config.imports).filter(([, target]) => target.startsWith("npm:"));

Deno.test("every package is pinned to one exact version", () => {
  assert.ok(pins.length > 30);
  for (const target of [...pins.map(([, target]) => target), ...Object.values(manifest.overrides)]) {
    assert.match(target, /^npm:\/?(?:@[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+\/?$/);
  }
  const versions = new Map<string, string>();
  for (const [, target] of pins) {
    const [, name = "", version = ""] = /^npm:\/?(.+)@([^/]+)\/?$/.exec(target) ?? assert.fail(target);
    assert.equal(versions.get(name) ?? version, version, name);
    versions.set(name, version);
  }
});

Deno.test("deno.lock is of these pins, and holds the checksum of every package", async () => {
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT))) as Lock;
  const wanted = new Set(pins.map(([, target]) => target.replace(/^npm:\/?(.+?)\/?$/, "npm:$1")));
  assert.deepEqual([...lock.workspace.dependencies].sort(), [...wanted].sort());
  assert.deepEqual(lock.workspace.packageJson.overrides, manifest.overrides);
  for (const [name, { integrity }] of Object.entries(lock.npm)) assert.match(integrity ?? "", /^sha512-/, name);
});

Deno.test("every package that is pinned is imported", async () => {
  const imported = new Set<string>();
  for (const folder of FOLDERS) {
    for await (const text of modulesIn(new URL(`${folder}/`, ROOT))) collect(text, imported);
  }
  for (const [name] of pins) {
    const used = name.endsWith("/") ? [...imported].some((one) => one.startsWith(name)) : imported.has(name);
    assert.ok(used, `nothing imports "${name}": take it out of deno.json and of the table in CONTRIBUTING.md`);
  }
});

Deno.test("every package that is pinned has its reason in CONTRIBUTING.md, and nothing else has", async () => {
  const text = await Deno.readTextFile(new URL("CONTRIBUTING.md", ROOT));
  const table = text.slice(text.indexOf("## Dependencies")).split("\n").filter((line) => line.startsWith("| `"));
  const listed = table.flatMap((line) =>
    [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "")
  );
  const names = new Set(pins.map(([, target]) => target.replace(/^npm:\/?(.+)@[^@]+$/, "$1")));
  const covers = (pattern: string, name: string) =>
    pattern.endsWith("/*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
  for (const name of names) assert.ok(listed.some((pattern) => covers(pattern, name)), `"${name}" has no reason`);
  for (const pattern of listed) {
    assert.ok(names.values().some((name) => covers(pattern, name)), `"${pattern}" is not pinned`);
  }
});

/** As much of `deno.lock` as tells what is pinned. */
interface Lock {
  readonly npm: Readonly<Record<string, { readonly integrity?: string }>>;
  readonly workspace: {
    readonly dependencies: readonly string[];
    readonly packageJson: { readonly overrides: Readonly<Record<string, string>> };
  };
}

function collect(text: string, into: Set<string>): void {
  for (const [, specifier = ""] of text.matchAll(IMPORT)) into.add(specifier);
}

async function* modulesIn(directory: URL): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) yield* modulesIn(new URL(`${name}/`, directory));
    else if (name.endsWith(".ts")) yield await Deno.readTextFile(new URL(name, directory));
  }
}
