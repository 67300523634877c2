import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { stringToHex } from "viem";
import { registerService } from "@/cli/dev/register.ts";
import { runTriggers } from "@/cli/triggers/command.ts";
import { isWavsError } from "@/domain/mod.ts";
import { addTrigger } from "@tests/support/contracts.ts";
import { answerWorkflow, firstChain, openStage, partiesOf, type Stage, stageService } from "@tests/support/stage.ts";

/** Runs a command as a person would, and gives what it printed. */
async function wavsTriggers(stage: Stage, ...args: readonly string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await runTriggers([...args, "--home", stage.home.path], {
    color: false,
    line: (text = "") => void lines.push(text),
  });
  return { code, text: lines.join("\n") };
}

function refusal(code: string, sentence: RegExp) {
  return (error: unknown) => {
    assert.ok(isWavsError(error, code), String(error));
    assert.match(error.message, sentence);
    return true;
  };
}

Deno.test("wavs triggers tells gaps from what is whole, and why something fired or did not", async (t) => {
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { contracts } = chain;
  const fire = (text: string) => addTrigger(contracts.chain, contracts.trigger, stringToHex(text));
  const before = await fire(`{"x":1}`);
  // Heights are told apart by the second in which the service was registered.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const workflow = answerWorkflow(chain, {
    component: stage.samples.square,
    aggregator: stage.samples.simple_aggregator,
  });
  await registerService(
    partiesOf(stage, chain),
    stageService(chain, {
      answers: workflow,
      others: { ...workflow, trigger: { chain: chain.key, contract: contracts.submit } },
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const fired = [await fire(`{"x":3}`), await fire(`{"x":4}`), await fire(`{"x":5}`)];
  await stage.node.ended(3);

  await t.step("while the node runs, everything is there", async () => {
    const { code, text } = await wavsTriggers(stage, "gaps", "--from", "0");
    assert.match(text, /4 {2}must have fired\n +3 {2}are recorded\n +1 {2}happened before/);
    assert.match(text, /No gap/);
    assert.equal(code, 0);
  });

  await t.step("a transaction is held against every workflow, and what fired is followed to its end", async () => {
    const { code, text } = await wavsTriggers(stage, "explain", fired[0]!.transactionHash);
    assert.match(text, /fires [0-9a-f]{12}…\/answers, recorded as event \d+ at .*: final/);
    assert.match(text, /event id 0x[0-9a-f]{40}: final/);
    assert.match(text, /transaction 0x[0-9a-f]{64} on evm:31337/);
    assert.match(text, /does not fire [0-9a-f]{12}…\/others, because it waits for contract "0x[0-9a-f]{40}"/);
    assert.equal(code, 0);
    const [, eventId = ""] = /event id (0x[0-9a-f]{40})/.exec(text) ?? [];
    assert.match((await wavsTriggers(stage, "explain", eventId)).text, /fires [0-9a-f]{12}…\/answers, recorded/);
  });

  await t.step("what happened too early is told so", async () => {
    assert.match(
      (await wavsTriggers(stage, "explain", before.transactionHash)).text,
      /it fits, but it is not recorded/,
    );
  });

  await t.step("what is not known is refused with a sentence", async () => {
    const hash = `0x${"ab".repeat(32)}`;
    await assert.rejects(wavsTriggers(stage, "explain", hash), refusal("event_unknown", /has no transaction "0xabab/));
    await assert.rejects(wavsTriggers(stage, "explain", "cron/1"), refusal("event_unknown", /"cron\/1"/));
    await assert.rejects(wavsTriggers(stage, "explain"), refusal("option_invalid", /takes one event, not 0/));
    await assert.rejects(wavsTriggers(stage, "gaps", "--from", "-1"), refusal("unknown_option", /--from/));
    await assert.rejects(wavsTriggers(stage, "gaps", "--to", "soon"), refusal("option_invalid", /"soon" for --to/));
    await assert.rejects(wavsTriggers(stage, "gaps", "--chain", "evm:5"), refusal("option_invalid", /"evm:31337"/));
    await assert.rejects(wavsTriggers(stage, "mend"), refusal("unknown_command", /"triggers mend"/));
    await assert.rejects(
      runTriggers(["gaps", "--data", `${stage.home.path}/nowhere`, "--home", stage.home.path]),
      refusal("database_unusable", /nowhere\/wavs\.sqlite.*data directory of a node/),
    );
  });

  await t.step("a lost event is a gap, by name", async () => {
    await stage.node[Symbol.asyncDispose]();
    const database = new DatabaseSync(`${stage.home.data}/wavs.sqlite`);
    database.exec("PRAGMA foreign_keys = OFF");
    const lost = database.prepare("SELECT id, identity FROM events ORDER BY id LIMIT 1 OFFSET 1").get();
    database.prepare("DELETE FROM events WHERE id = ?").run(lost!.id as number);
    database.close();
    const { code, text } = await wavsTriggers(stage, "gaps");
    assert.match(text, new RegExp(`missing +height \\d+ +[0-9a-f]{12}…/answers +${lost!.identity}`));
    assert.equal(code, 1);
    const report = JSON.parse((await wavsTriggers(stage, "gaps", "--json")).text);
    assert.deepEqual([report.expected, report.recorded, report.gapCount], [3, 2, 1]);
    assert.equal(report.gaps[0].identity, lost!.identity);
  });
});
