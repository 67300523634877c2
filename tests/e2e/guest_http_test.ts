import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stringToHex } from "viem";
import { compileComponent } from "@components/builder/compile.ts";
import { registerService } from "@/cli/dev/register.ts";
import { simpleAggregator, type WorkflowDraft } from "@/cli/dev/service_document.ts";
import { addTrigger, readAnswer } from "@tests/support/contracts.ts";
import { firstChain, openStage, partiesOf, stageService } from "@tests/support/stage.ts";

const GUEST = fileURLToPath(new URL("./guests/page_reader.ts", import.meta.url));
const WIT = fileURLToPath(new URL("../../wit", import.meta.url));

Deno.test("a guest reaches the hosts it was granted through the egress worker, and no other", async () => {
  const requested: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    requested.push(new URL(request.url).pathname);
    return new Response(`it is 21 degrees at ${new URL(request.url).pathname}`);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  await using stage = await openStage();
  const chain = firstChain(stage);
  const { key, contracts } = chain;
  const reader = await stage.node.client.uploadComponent(await compileComponent(GUEST, WIT));
  const readerWorkflow = (hosts: readonly string[]): WorkflowDraft => ({
    trigger: { chain: key, contract: contracts.trigger },
    component: { source: { digest: reader }, config: { server: `http://${host}` }, hosts: { only: hosts } },
    submit: simpleAggregator(stage.samples.simple_aggregator, { chain: key, handler: contracts.submit }),
  });
  await registerService(
    partiesOf(stage, chain),
    stageService(chain, { allowed: readerWorkflow([host]), denied: readerWorkflow(["weather.example.com"]) }),
  );

  const { triggerId } = await addTrigger(contracts.chain, contracts.trigger, stringToHex("/roof"));
  const ended = await stage.node.ended(2);

  assert.deepEqual(
    ended.map(({ workflowId, state, reason }) => ({ workflowId, state, reason })),
    [
      { workflowId: "allowed", state: "final", reason: undefined },
      {
        workflowId: "denied",
        state: "dead",
        reason: `Wasm exec result: Cannot request "http://${host}/roof" because of HTTP-request-denied (tried 3 times)`,
      },
    ],
  );
  assert.equal(await readAnswer(contracts.chain, contracts.submit, triggerId), "it is 21 degrees at /roof");
  assert.deepEqual(requested, ["/roof"], "nothing of the denied requests reached the server");
});
