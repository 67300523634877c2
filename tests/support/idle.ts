import assert from "node:assert/strict";
import process from "node:process";

/** What ran before may leave garbage that is collected for a second or two; what spins computes in every one. */
const SECONDS_WATCHED = 5;

/** A thread that spins takes all thousand. */
const IDLE_CPU_MS_PER_SECOND = 100;

/** Asserts that the whole process, with nothing to do, soon computes for less than a tenth of a second in a second. */
export async function assertIdle(): Promise<void> {
  const burnt: number[] = [];
  while (burnt.length < SECONDS_WATCHED) {
    const ms = await cpuMsInOneSecond();
    if (ms < IDLE_CPU_MS_PER_SECOND) return;
    burnt.push(ms);
  }
  assert.fail(`${burnt.join(", ")} ms of CPU time in idle seconds`);
}

async function cpuMsInOneSecond(): Promise<number> {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
