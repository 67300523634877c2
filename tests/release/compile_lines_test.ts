import assert from "node:assert/strict";
import { type ExecutableFormat, formatOf, standInRuntime } from "./stand_in_runtimes.ts";
import { commandWith, expand, jobOf, type MatrixRow, readWorkflow, ROOT } from "./workflows.ts";

/** What comes of each row of the release's matrix. */
const PRODUCTS: Readonly<Record<string, { readonly file: string; readonly format: ExecutableFormat }>> = {
  "linux-x64": { file: "wavs-linux-x64", format: { kind: "ELF", machine: "x64" } },
  "linux-arm64": { file: "wavs-linux-arm64", format: { kind: "ELF", machine: "arm64" } },
  "macos-x64": { file: "wavs-macos-x64", format: { kind: "Mach-O", machine: "x64" } },
  "macos-arm64": { file: "wavs-macos-arm64", format: { kind: "Mach-O", machine: "arm64" } },
  "windows-x64": { file: "wavs-windows-x64.exe", format: { kind: "PE", machine: "x64" } },
};

/** The program is some megabytes; a runtime that nothing was put into is a few kilobytes. */
const LEAST_BYTES = 1_000_000;

const compileJob = jobOf(readWorkflow("release.yml"), "compile");
const rows = compileJob.strategy?.matrix.include ?? [];

Deno.test("a release is compiled for these systems", () => {
  assert.deepEqual(rows.map(({ name }) => name), Object.keys(PRODUCTS));
});

for (const row of rows) {
  Deno.test(`the release's command line for ${row.name} makes an executable of that system`, () => tryLine(row));
}

/** Runs the line as the workflow has it, but for the directory the executable goes to. */
async function tryLine(row: MatrixRow): Promise<void> {
  const product = PRODUCTS[row.name ?? ""];
  assert.ok(product !== undefined, `nothing is known of ${row.name}`);
  const home = await Deno.makeTempDir({ prefix: "wavs-release-" });
  try {
    const line = expand(commandWith(compileJob, "deno task compile"), row);
    await Deno.writeFile(`${home}/denort`, standInRuntime(runtimeFor(line)));
    const { success, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-ec", line.replace("--output dist/", `--output ${home}/dist/`)],
      cwd: ROOT,
      env: { DENORT_BIN: `${home}/denort`, NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stderr);
    assert.ok(success, text);
    assert.deepEqual(Array.from(Deno.readDirSync(`${home}/dist`), ({ name }) => name), [product.file]);
    assert.match(new TextDecoder().decode(stdout), new RegExp(`/${product.file} .*compiled`));
    const bytes = await Deno.readFile(`${home}/dist/${product.file}`);
    assert.deepEqual(formatOf(bytes), product.format);
    assert.ok(bytes.length > LEAST_BYTES, `only ${bytes.length} bytes`);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** The runtime that Deno would download for the target of a line: what comes out is of its kind. */
function runtimeFor(line: string): ExecutableFormat {
  const [, machine, system] = /--target (x86_64|aarch64)-(?:unknown|apple|pc)-(linux|darwin|windows)/.exec(line) ??
    assert.fail(`there is no known target in "${line}"`);
  const kind = system === "linux" ? "ELF" : system === "darwin" ? "Mach-O" : "PE";
  return { kind, machine: machine === "x86_64" ? "x64" : "arm64" };
}
