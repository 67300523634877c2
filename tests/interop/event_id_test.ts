import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bytesToBareHex,
  encodeTriggerData,
  eventIdOf,
  eventSalt,
  parseServiceId,
  printJson,
  type TriggerData,
} from "@/domain/mod.ts";
import { triggerData, workflowIds } from "@/domain/testing/arbitraries.ts";
import { buildRust, startRustOracle } from "@tests/support/rust_oracle.ts";

const EVENTS = 20_000;
const AT_ONCE = 500;
const SERVICE = "76d41ff256803de151fce2ed99d145cf985af50e6def0809072e9f68932f5d11";

const built = await buildRust("oracle");
if ("absent" in built) {
  const why = `SKIPPED: event ids are not compared with the crate "bincode" because ${built.absent}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(why));
}

Deno.test({
  name: `the event ids of ${EVENTS} random events are those the crates "serde" and "bincode" make`,
  ignore: "absent" in built,
  fn: async () => {
    assert.ok("path" in built);
    await using oracle = startRustOracle(built.path);
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const events = fc.sample(fc.tuple(workflowIds(), triggerData()), { numRuns: EVENTS, seed });
    const kinds = new Set<TriggerData["kind"]>();
    for (let start = 0; start < EVENTS; start += AT_ONCE) {
      const part = events.slice(start, start + AT_ONCE);
      const questions = part.map(([workflow, data]) =>
        `event ${SERVICE} ${workflow} ${printJson(encodeTriggerData(data))}`
      );
      const answers = await oracle.ask(questions);
      for (const [index, [workflowId, data]] of part.entries()) {
        const salt = eventSalt(data, undefined);
        const id = eventIdOf({ serviceId: parseServiceId(SERVICE), workflowId, salt });
        const ours = `${id.replace(/^0x/, "")} ${bytesToBareHex(salt)}`;
        assert.equal(ours, answers[index], `seed ${seed}: ${questions[index]}`);
        kinds.add(data.kind);
      }
    }
    assert.equal(kinds.size, 7, [...kinds].join());
  },
});
