import assert from "node:assert/strict";
import { formatOf, standInRuntime } from "./stand_in_runtimes.ts";
import { ROOT } from "./workflows.ts";

const RUNTIME = { kind: "ELF", machine: "x64" } as const;

/** Instructions in their order; lines that a backslash joins are one. */
const instructions = Deno.readTextFileSync(new URL("Dockerfile", ROOT)).replaceAll("\\\n", "").split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => ({ name: line.split(" ", 1)[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));

Deno.test("the image is made of images that are pinned by digest, with the Deno of the checks", () => {
  const images = instructions.filter(({ name }) => name === "FROM").map(({ rest }) => rest);
  assert.equal(images.length, 2);
  for (const image of images) assert.match(image, /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}(?: AS \w+)?$/);
  const [, version] = /deno@([\d.]+)/.exec(Deno.readTextFileSync(new URL(".ci/run", ROOT))) ?? [];
  assert.ok(images[0]?.startsWith(`denoland/deno:debian-${version}@`), images[0]);
});

Deno.test("the container runs without root, and owns nothing but its data", () => {
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
  const valuesOf = (wanted: string) => last.filter(({ name }) => name === wanted).map(({ rest }) => rest);
  assert.deepEqual(valuesOf("USER"), ["65532:65532"]);
  assert.deepEqual(valuesOf("RUN"), [], "there is no shell");
  assert.deepEqual(valuesOf("COPY").filter((rest) => rest.includes("--chown")).map((rest) => rest.split(" ").at(-1)), [
    ...valuesOf("VOLUME"),
  ]);
});

Deno.test("what the image is built from is enough, by its own command line", async () => {
  const compile = instructions.find(({ name, rest }) => name === "RUN" && rest.includes("deno task compile"));
  const context = await Deno.makeTempDir({ prefix: "wavs-image-" });
  try {
    for (const name of sentToBuild()) {
      const from = new URL(name, ROOT).pathname;
      const { success, stderr } = await new Deno.Command("cp", { args: ["-r", from, `${context}/${name}`] }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    }
    await Deno.writeFile(`${context}/denort`, standInRuntime(RUNTIME));
    const { success, stderr } = await new Deno.Command("sh", {
      args: ["-ec", (compile?.rest ?? "").replace("--output /out/", `--output ${context}/out/`)],
      cwd: context,
      env: { DENORT_BIN: `${context}/denort`, NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual(formatOf(await Deno.readFile(`${context}/out/wavs`)), RUNTIME);
  } finally {
    await Deno.remove(context, { recursive: true });
  }
});

/** The files and folders that `.dockerignore` lets through. */
function sentToBuild(): string[] {
  const [all, ...names] = Deno.readTextFileSync(new URL(".dockerignore", ROOT)).trim().split("\n")
    .filter((line) => !line.startsWith("#"));
  assert.equal(all, "*");
  return names.map((name) => name.startsWith("!") ? name.slice(1) : assert.fail(`"${name}" is not let through`));
}
