import assert from "node:assert/strict";
import { parseChainKey, type TimestampNs } from "@/domain/mod.ts";
import { requestOn, runRequest, runService, type TriggerEvent } from "@tests/support/engine.ts";
import { answersOf, errorOf, startSample } from "@tests/support/sample.ts";

interface Interval {
  readonly height: bigint;
  readonly startBlock?: bigint;
  readonly endBlock?: bigint;
}

function blockInterval({ height, startBlock, endBlock }: Interval): TriggerEvent {
  const chain = parseChainKey("evm:31337");
  return {
    trigger: { kind: "block_interval", chain, nBlocks: 5, startBlock, endBlock },
    data: { kind: "BlockInterval", chain, blockHeight: height },
  };
}

function cron(triggerTime: bigint): TriggerEvent {
  return {
    trigger: { kind: "cron", schedule: "* * * * * *", startTime: undefined, endTime: undefined },
    data: { kind: "Cron", triggerTime: triggerTime as TimestampNs },
  };
}

Deno.test("block_echo tells interval, height and how many came before, and leaves out a first without start", async () => {
  await using sample = await startSample("block_echo");
  const { engine, service } = sample;
  const fire = async (interval: Interval) =>
    answersOf(await runRequest(engine, requestOn(service, blockInterval(interval))));
  assert.deepEqual(await fire({ height: 10n }), []);
  assert.deepEqual(await fire({ height: 15n }), [[
    1337n,
    '{"trigger_config_start":null,"trigger_config_end":null,"trigger_config_interval":5,' +
    '"trigger_data_block_height":15,"count":2}',
  ]]);
  assert.deepEqual(await fire({ height: 20n, startBlock: 20n, endBlock: 100n }), [[
    1337n,
    '{"trigger_config_start":20,"trigger_config_end":100,"trigger_config_interval":5,' +
    '"trigger_data_block_height":20,"count":3}',
  ]]);
});

Deno.test("block_echo answers a first interval that has a start block", async () => {
  await using sample = await startSample("block_echo");
  const event = blockInterval({ height: 20n, startBlock: 20n });
  const [answer] = answersOf(await runRequest(sample.engine, requestOn(sample.service, event)));
  assert.match(answer?.[1] ?? "", /"count":1\}$/);
});

Deno.test("cron_echo answers every time alike", async () => {
  await using sample = await startSample("cron_echo");
  for (const time of [0n, 1_700_000_000_000_000_001n]) {
    const result = await runRequest(sample.engine, requestOn(sample.service, cron(time)));
    assert.deepEqual(answersOf(result), [[1338n, "cron-interval data"]], String(time));
  }
});

Deno.test("both refuse triggers of another kind", async () => {
  await using blocks = await startSample("block_echo");
  await using clock = await startSample("cron_echo");
  assert.equal(errorOf(await runService(blocks.engine, blocks.service, "x")), "Invalid trigger config or data");
  assert.equal(
    errorOf(await runRequest(blocks.engine, requestOn(blocks.service, cron(1n)))),
    "Invalid trigger config or data",
  );
  assert.equal(errorOf(await runService(clock.engine, clock.service, "x")), "Invalid trigger data");
});
