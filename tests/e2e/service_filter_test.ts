import assert from "node:assert/strict";
import { unitText } from "@/cli/service/unit.ts";
import { runProcess } from "@tests/support/run_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const FILTER = `${ROOT}tests/support/system_call_filter.py`;

/** `SystemCallFilter=` of the unit: what is allowed, and what of that is not. */
function unitFilter(): readonly [allowed: string, denied: string] {
  const unit = unitText({
    name: "wavs",
    executable: "/usr/local/bin/wavs",
    home: "/etc/wavs",
    memoryMax: "80%",
    credentials: new Map(),
  });
  const values = [...unit.matchAll(/^SystemCallFilter=(.+)$/gm)].map(([, value = ""]) => value);
  const denied = values.filter((value) => value.startsWith("~")).map((value) => value.slice(1));
  return [values.filter((value) => !value.startsWith("~")).join(" "), denied.join(" ")];
}

async function run(program: string, args: readonly string[]) {
  return await runProcess(program, args, { cwd: ROOT });
}

Deno.test("the whole job is done under the unit's filter of system calls", async (t) => {
  const needs = "command -v systemd-analyze && python3 -c \"import ctypes; ctypes.CDLL('libseccomp.so.2')\"";
  if ((await run("sh", ["-c", needs])).code !== 0) {
    const line = "SKIPPED: there is no systemd-analyze, python3 or libseccomp on this machine\n";
    Deno.stderr.writeSync(new TextEncoder().encode(line));
    return;
  }
  const [allowed, denied] = unitFilter();
  const filtered = (...command: readonly string[]) => run("python3", [FILTER, allowed, denied, ...command]);
  await t.step("the filter filters", async () => {
    const renice = ["python3", "-c", "import os; os.setpriority(os.PRIO_PROCESS, 0, 5)"] as const;
    assert.equal((await run(renice[0], renice.slice(1))).code, 0, "anybody may be nicer");
    assert.match((await filtered(...renice)).stderr, /Operation not permitted/);
  });
  await t.step("an event is answered on chain", async () => {
    const { code, stdout, stderr } = await filtered(Deno.execPath(), "run", "-A", `${ROOT}main.ts`, "dev", "--once");
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /✔ the chain holds \{"y":49\}/);
  });
});
