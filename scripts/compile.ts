/**
 * Makes the one file that operators run: `deno task compile [--output dist/wavs] [--target T] [--form compiled|packed]`.
 *
 * By `deno compile`, with the runtime that Deno's download server or `DENORT_BIN` provides; where neither does, the
 * packed form is made, which behaves the same.
 */
import { parseArgs } from "node:util";
import { VERSION } from "@/version.ts";
import { bundleStage } from "./compile/bundle.ts";
import { compile, executableName } from "./compile/compiled.ts";
import { pack } from "./compile/packed.ts";
import { stageSources } from "./compile/stage.ts";
import { say } from "./script.ts";

const { values } = parseArgs({
  options: {
    output: { type: "string", default: "dist/wavs" },
    target: { type: "string" },
    form: { type: "string" },
    deno: { type: "string" },
  },
});

const { target, form, deno } = values;
const output = executableName(values.output, target);
await Deno.mkdir(output.includes("/") ? output.slice(0, output.lastIndexOf("/")) : ".", { recursive: true });
const work = await Deno.makeTempDir({ prefix: "wavs-compile-" });
try {
  const stage = await stageSources(`${work}/stage`);
  const bundle = `${work}/wavs`;
  await bundleStage(stage, bundle);
  const refusal = form === "packed" ? "it was asked for" : await compile({ bundle, output, target, deno });
  if (refusal !== undefined) {
    if (form === "compiled" || target !== undefined) {
      throw new Error(`Cannot compile for ${target ?? "this machine"}: ${refusal}`);
    }
    say(`The packed form is made because Deno's own runtime cannot be had: ${refusal}`);
    await pack({ bundle, output, version: VERSION });
  }
  const { size } = await Deno.stat(output);
  say(`${output}  ${(size / 1e6).toFixed(1)} MB  ${refusal === undefined ? "compiled" : "packed"}`);
} finally {
  await Deno.remove(work, { recursive: true });
}
