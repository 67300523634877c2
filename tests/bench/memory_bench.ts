/** What a component kept ready weighs; measured in a process of its own, whose memory nothing else has moved. */
import { type BenchGuest, call, instantiate, link, newBudget, prepare } from "./bench_guest.ts";
import { round } from "./rounds.ts";

/** Copies linked to see what one of them weighs. */
const COPIES = 20;

/** Resident memory of one linked component that has run, with the instances kept for it. */
export async function memoryPerCachedKb({ name, bytes, data }: BenchGuest): Promise<number> {
  const path = await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    await Deno.writeFile(path, bytes);
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--v8-flags=--expose-gc", import.meta.filename ?? "", path, data],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`the memory of "${name}" was not measured`);
    return Number(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(path);
  }
}

async function weigh(guest: BenchGuest): Promise<number> {
  const artifact = await prepare(guest.bytes);
  const copies = [await runCopy(guest, artifact)];
  const before = residentBytes();
  // As they arrive in a worker: a copy of the plan each, the compiled code shared.
  for (let i = 0; i < COPIES; i++) copies.push(await runCopy(guest, structuredClone(artifact)));
  return round((residentBytes() - before) / (copies.length - 1) / 1024);
}

async function runCopy(guest: BenchGuest, artifact: Awaited<ReturnType<typeof prepare>>): Promise<unknown> {
  const component = await link(artifact);
  for (let n = 0; n < 4; n++) {
    using budget = newBudget();
    using instance = await instantiate(component, budget, "bench");
    await call(instance, guest);
  }
  return component;
}

function residentBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().rss;
}

if (import.meta.main) {
  const [path = "", data = ""] = Deno.args;
  const kb = await weigh({ name: path, bytes: await Deno.readFile(path), data });
  await Deno.stdout.write(new TextEncoder().encode(String(kb)));
}
