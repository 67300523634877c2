import assert from "node:assert/strict";
import { type GuestCall, runCalls } from "@tests/support/guest_scripts.ts";
import { serviceOf, startEngine } from "@tests/support/engine.ts";
import { scriptGuest } from "@tests/support/script_guests.ts";

const guest = await scriptGuest("surroundings");

async function run(...calls: GuestCall[]): Promise<unknown[]> {
  await using started = await startEngine({ carrier: "in-thread" });
  return await runCalls(started.engine, serviceOf({ operator: await started.engine.upload(guest) }), ...calls);
}

Deno.test("a guest finds no arguments, no directory it is in, no terminal and nothing to read", async () => {
  const results = await run(
    ["environment.getArguments"],
    ["environment.initialCwd"],
    ["environment.getEnvironment"],
    ["terminals.stdin.getTerminalStdin"],
    ["terminals.stdout.getTerminalStdout"],
    ["terminals.stderr.getTerminalStderr"],
    ["input = stdin.getStdin"],
    ["input.read", 10],
  );
  assert.deepEqual(results, [[], null, [], null, null, null, "resource", '!{"tag":"closed"}']);
});

Deno.test("a guest's clocks go on, the monotonic one from near zero and the other with the machine's", async () => {
  const before = Date.now();
  const results = await run(
    ["start = clocks.monotonic.now"],
    ["clocks.monotonic.resolution"],
    ["past = clocks.monotonic.subscribeInstant", 0],
    ["past.ready"],
    ["later = clocks.monotonic.subscribeDuration", 20_000_000],
    ["later.ready"],
    ["later.block"],
    ["later.ready"],
    ["clocks.monotonic.now"],
    ["clocks.wall.resolution"],
    ["clocks.wall.now"],
  );
  const [start, resolution, , past, , early, , late, end, wallResolution, wall] = results;
  assert.ok(Number(start) < 10e9, `an execution does not begin at ${start} ns`);
  assert.deepEqual([resolution, past, early, late], [1000, true, false, true]);
  assert.ok(Number(end) - Number(start) >= 20e6, `${end} is 20 ms after ${start}`);
  assert.deepEqual(wallResolution, { seconds: 0, nanoseconds: 1_000_000 });
  const { seconds, nanoseconds } = wall as { seconds: number; nanoseconds: number };
  const wallMs = seconds * 1000 + nanoseconds / 1e6;
  assert.ok(wallMs >= before && wallMs <= Date.now(), `${wallMs} is now`);
});

Deno.test("a guest's random numbers differ, whichever interface they come from", async () => {
  const sources: GuestCall[] = [
    ["random.getRandomBytes", 16],
    ["random.getRandomU64"],
    ["insecure.getInsecureRandomBytes", 16],
    ["insecure.getInsecureRandomU64"],
    ["insecureSeed.insecureSeed"],
  ];
  const [first, second] = [await run(...sources), await run(...sources)];
  for (const [index, [name]] of sources.entries()) {
    assert.notDeepEqual(first[index], second[index], name);
    assert.ok(!String(first[index]).startsWith("!"), `${name}: ${first[index]}`);
  }
});

Deno.test("what a guest prints in zeroes and by splicing goes where other output goes, within the stream's bounds", async () => {
  const results = await run(
    ["output = stdout.getStdout"],
    ["ready = output.subscribe"],
    ["ready.ready"],
    ["output.writeZeroes", 2],
    ["output.blockingWriteZeroesAndFlush", 3],
    ["input = stdin.getStdin"],
    ["output.splice", "$input", 10],
    ["output.blockingSplice", "$input", 10],
  );
  assert.deepEqual(results.slice(2), [true, null, null, "resource", '!{"tag":"closed"}', '!{"tag":"closed"}']);
});
