import assert from "node:assert/strict";
import { objectionTo } from "../../scripts/release/licences.ts";
import { renderSbom, validateSbom } from "../../scripts/release/sbom.ts";
import { describePackages, type ShippedPackage } from "../../scripts/release/shipped_packages.ts";
import { VERSION } from "@/version.ts";
import { ROOT } from "./workflows.ts";

const INTEGRITY = `sha512-${new Uint8Array(64).fill(7).toBase64()}`;

const OPTIONS = { version: "1.2.3", denoVersion: "2.9.6" };

Deno.test("packages are told by their own names, with their locked archives and the shipped ones they depend on", () => {
  const lock = {
    npm: {
      "@a/user@1.0.0_peer@2.0.0": {
        integrity: INTEGRITY,
        dependencies: ["native@npm:plain@3.0.0", "two@1.0.0", "peer", "unshipped"],
      },
      "peer@2.0.0": { integrity: INTEGRITY },
      "plain@3.0.0": { integrity: INTEGRITY },
      "two@1.0.0": { integrity: INTEGRITY },
      "two@2.0.0": { integrity: INTEGRITY },
      "under_score@1.0.0": { integrity: INTEGRITY },
      "unshipped@1.0.0": { integrity: INTEGRITY },
    },
  };
  const manifests = [
    ["two", "1.0.0", "MIT"],
    ["@a/user", "1.0.0", "MIT"],
    ["plain", "3.0.0", { type: "MIT" }],
    ["peer", "2.0.0", undefined],
    ["under_score", "1.0.0", "ISC"],
  ].map(([name, version, license]) => ({ name: String(name), version: String(version), license }));
  const described = describePackages(manifests, lock);
  assert.deepEqual(described.map(({ name, licence, dependencies }) => [name, licence, dependencies]), [
    ["@a/user", "MIT", ["peer@2.0.0", "plain@3.0.0", "two@1.0.0"]],
    ["peer", undefined, []],
    ["plain", undefined, []],
    ["two", "MIT", []],
    ["under_score", "ISC", []],
  ]);
});

Deno.test("a shipped package that is not locked is refused", () => {
  assert.throws(() => describePackages([{ name: "stray", version: "1.0.0", license: "MIT" }], { npm: {} }), {
    message: 'Cannot tell what is shipped because "stray@1.0.0" is not in deno.lock; run "deno install" and commit it',
  });
});

Deno.test("licences that only ask for the authors' names are allowed, whole expressions of them too", () => {
  const allowed = ["MIT", "(MIT OR GPL-3.0-only)", "MIT AND ISC", "(Apache-2.0 WITH LLVM-exception)", "0BSD"];
  for (const licence of allowed) {
    assert.equal(objectionTo({ name: "it", version: "1.0.0", licence }), undefined, licence);
  }
});

Deno.test("every other licence, and none, is refused with the package's name", () => {
  const refusals: readonly (readonly [licence: string | undefined, why: string])[] = [
    ["GPL-3.0-only", 'its licence "GPL-3.0-only" is not among the permissive ones'],
    ["MIT AND LGPL-2.1-only", 'its licence "MIT AND LGPL-2.1-only" is not among the permissive ones'],
    ["GPL-2.0-only WITH Classpath-exception-2.0", "is not among the permissive ones"],
    ["UNLICENSED", 'its licence "UNLICENSED" is no SPDX expression'],
    ["SEE LICENSE IN LICENSE.md", "is no SPDX expression"],
    ["", "is no SPDX expression"],
    [undefined, "it names no licence"],
  ];
  for (const [licence, why] of refusals) {
    const objection = objectionTo({ name: "@a/it", version: "1.0.0", licence }) ?? assert.fail(`${licence} is allowed`);
    assert.ok(objection.startsWith('Cannot ship "@a/it@1.0.0" because ') && objection.includes(why), objection);
  }
});

Deno.test("a list of materials names each package with its archive, and is the same bytes each time", async () => {
  const packages = [
    shipped({ name: "@a/user", dependencies: ["plain@1.0.0"] }),
    shipped({ name: "plain", licence: "(MIT OR Apache-2.0)" }),
    shipped({ name: "bare", licence: undefined }),
  ];
  const text = renderSbom(packages, OPTIONS);
  await validateSbom(text);
  assert.equal(renderSbom(packages.toReversed(), OPTIONS), text);
  const { components, dependencies } = JSON.parse(text) as Sbom;
  assert.deepEqual(components.map(({ purl }) => purl), [
    "pkg:npm/%40a/user@1.0.0",
    "pkg:npm/bare@1.0.0",
    "pkg:github/denoland/deno@v2.9.6",
    "pkg:npm/plain@1.0.0",
  ]);
  assert.deepEqual(components[0]?.hashes, [{ alg: "SHA-512", content: "07".repeat(64) }]);
  assert.deepEqual(dependencies.find(({ ref }) => ref === "@a/user@1.0.0")?.dependsOn, ["plain@1.0.0"]);
});

Deno.test("a list of materials that is none is not written", async () => {
  const text = renderSbom([shipped({ name: "plain" })], OPTIONS);
  await assert.rejects(
    () => validateSbom(text.replace('"library"', '"thing"')),
    /because it breaks CycloneDX 1\.6: .*type/,
  );
  assert.throws(() => renderSbom([shipped({ name: "old", integrity: "sha1-AAAA" })], OPTIONS), {
    message: 'Cannot list "sha1-AAAA" because it is no SHA-512',
  });
});

Deno.test("what is shipped now has permissive licences, and is listed", async () => {
  assert.match(await task("licences"), /^licences: all \d+ packages that are shipped have permissive ones\n$/);
  const directory = await Deno.makeTempDir({ prefix: "wavs-sbom-" });
  try {
    const path = `${directory}/new/wavs.cdx.json`;
    assert.match(await task("sbom", "--output", path), /wavs\.cdx\.json {2}\d+ packages, and Deno [\d.]+\n$/);
    const text = await Deno.readTextFile(path);
    await validateSbom(text);
    const { metadata, components } = JSON.parse(text) as Sbom;
    assert.equal(metadata.component.version, VERSION);
    const names = new Set(components.map(({ group, name }) => group === undefined ? name : `${group}/${name}`));
    // Direct, indirect, in a worker only, behind an alias, and inside the sample components.
    const engine = names.values().find((name) => name.startsWith("@andreiltd/componentize-qjs-binding-"));
    for (const name of ["viem", "abitype", "hypercore", "sodium-javascript", "libp2p"]) {
      assert.ok(names.has(name), name);
    }
    assert.ok(engine !== undefined);
    for (const name of ["fast-check", "solc", "yaml", "ajv"]) assert.ok(!names.has(name), `${name} is not shipped`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

interface Sbom {
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly {
    readonly group?: string;
    readonly name: string;
    readonly purl: string;
    readonly hashes?: unknown;
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

function shipped(over: Partial<ShippedPackage>): ShippedPackage {
  return { name: "it", version: "1.0.0", licence: "MIT", integrity: INTEGRITY, dependencies: [], ...over };
}

async function task(name: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", name, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
