/** Guests that have a directory of their own and want more. */
import assert from "node:assert/strict";
import { MAX_FILE_BYTES, MAX_PATH_CHARS } from "@/engine/wasi/limits.ts";
import { idOf } from "@tests/support/engine.ts";
import { type Operation, performScript } from "@tests/support/script_guests.ts";
import { scriptProbe, type Stage, type Target } from "./stage.ts";
import type { Category, Probe } from "./types.ts";

const SECRET = "the operator's secret";
const ROUNDS = 60;

export async function fileProbes(stage: Stage): Promise<Probe[]> {
  const { dataDirectory } = stage.strict;
  const target = await stage.target(stage.strict, "files", { fileSystem: true });
  const directory = `${dataDirectory}/app/${idOf(target.service)}`;
  await performScript(target.engine, target.service, ["write", "inside", "mine"], ["mkdir", "dir"]);
  await layTraps(dataDirectory, directory);
  const refuses = (category: Category) => (name: string, operation: Operation, error = "not-permitted") =>
    scriptProbe({ category, name }, target, { operation, error });
  const [path, file] = [refuses("paths"), refuses("files")];
  return [
    path("one above its directory", ["read", "../../secret"]),
    path("one above, by way of a directory", ["read", "dir/../../../secret"]),
    path("a new one above", ["write", "../../planted", "x"]),
    path("the directory above", ["list", ".."]),
    path("an absolute path", ["read", "/etc/passwd"]),
    file("the node's own environment", ["read", "/proc/self/environ"]),
    file("the node's own memory", ["write", "/proc/self/mem", "x"]),
    path("its own directory by its absolute path", ["read", `${directory}/inside`]),
    path("an absolute path in disguise", ["read", "//etc/passwd"]),
    path("a symbolic link that leads out", ["read", "out"]),
    path("a symbolic link that leads out, to write", ["write", "out", "x"]),
    path("a symbolic link with an absolute target", ["read", "absolute"]),
    path("a directory that is a link to the one above", ["read", "parent/secret"]),
    path("a link to a link that leads out", ["read", "chain"]),
    path("a symbolic link of its own making", ["symlink", "/etc", "etc"]),
    path("another name for a file outside", ["link", "../../secret", "mine"]),
    path("a name outside for a file of its own", ["link", "inside", "../../planted"]),
    path("a file outside, moved in", ["rename", "../../secret", "mine"]),
    path("a file of its own, moved out", ["rename", "inside", "../../planted"]),
    path("a file outside, deleted", ["unlink", "../../secret"]),
    file("a file larger than any may be", ["grow", "large", MAX_FILE_BYTES + 1], "file-too-large"),
    file("more files open than may be", ["openMany", "inside", 65], "insufficient-memory"),
    raceProbe(target, "two executions that swap a link and read through it"),
    ...inertProbes(target),
  ];
}

/** What an operator may have put there, and what is not the guest's. */
async function layTraps(dataDirectory: string, directory: string): Promise<void> {
  await Deno.writeTextFile(`${dataDirectory}/secret`, SECRET);
  await Deno.symlink("../../secret", `${directory}/out`);
  await Deno.symlink(`${dataDirectory}/secret`, `${directory}/absolute`);
  await Deno.symlink("../..", `${directory}/parent`);
  await Deno.symlink("out", `${directory}/chain`);
  await Deno.symlink("round", `${directory}/round`);
  await Deno.writeTextFile(`${directory}/honest`, "mine");
  await Deno.symlink("../../secret", `${directory}/racing`);
}

/** A guest cannot make links, but it can give one that is there the name another execution is about to open. */
function raceProbe({ engine, service }: Target, name: string): Probe {
  return {
    category: "symlink races",
    name,
    async attempt() {
      const swap: Operation[] = [["rename", "racing", "held"], ["rename", "honest", "racing"]];
      const back: Operation[] = [["rename", "racing", "honest"], ["rename", "held", "racing"]];
      const reading = Array.from({ length: ROUNDS }, (): Operation => ["read", "racing"]);
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const [{ answers, report }] = await Promise.all([
          performScript(engine, service, ...reading),
          performScript(engine, service, ...swap, ...back),
          performScript(engine, service, ...swap, ...back),
        ]);
        for (const { ok } of answers) assert.ok(ok === undefined || ok === "mine", `read "${ok}"`);
        refused += report.refusals.get("file") ?? 0;
      }
      assert.ok(refused > 0);
      return { by: "not-permitted", record: [`${refused} refused, none of them read`] };
    },
  };
}

/** Paths that lead nowhere: an error of the file system as any other. */
function inertProbes({ engine, service }: Target): Probe[] {
  const cases: Readonly<Record<string, readonly [Operation, string]>> = {
    "a path with a NUL in it": [["read", "inside\0/../../secret"], "invalid"],
    "a path without an end": [["read", "a/".repeat(MAX_PATH_CHARS)], "name-too-long"],
    "a link to itself": [["read", "round"], "loop"],
    "an empty path": [["read", ""], "no-entry"],
    "a directory with backslashes": [["read", "..\\..\\secret"], "no-entry"],
    "a path in percent signs": [["read", "%2e%2e/%2e%2e/secret"], "no-entry"],
  };
  return Object.entries(cases).map(([name, [operation, code]]) => ({
    category: "paths" as const,
    name,
    async attempt() {
      const { answers } = await performScript(engine, service, operation);
      assert.deepEqual(answers, [{ error: code }]);
      return { by: code, record: "nothing to refuse" as const };
    },
  }));
}
