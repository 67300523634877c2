import { stringToHex } from "viem";
import { english, generateMnemonic } from "viem/accounts";
import { serviceIdOf } from "@/domain/mod.ts";
import type { Journal } from "@/journal/mod.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { addTrigger, deployContracts, handledEvents, privateKeyOf, testAccount } from "@tests/support/contracts.ts";
import { freePort } from "@tests/support/free_port.ts";
import { createHome } from "@tests/support/node_home.ts";
import { startTestNode, type TestNode } from "@tests/support/node.ts";
import { allMeet, registerEverywhere } from "@tests/support/operators.ts";
import { until } from "@tests/support/until.ts";
import { round, Times } from "../rounds.ts";

/** Events before the clock counts. */
const WARM_UP = 5;

export interface LatencyResult {
  readonly operators: number;
  readonly detectedToQuorumP50Ms: number;
  readonly detectedToQuorumP99Ms: number;
  readonly detectedToSentP50Ms: number;
  readonly detectedToSentP99Ms: number;
}

/** Steps of one event at the operator that sends its transaction. */
interface Steps {
  detected?: number;
  quorum?: number;
}

/**
 * From an event being journalled to the quorum, and to the transaction being handed to the chain, at the operator that
 * sends it. Whole nodes in this process, two thirds of whom must agree; one event after the other.
 */
export async function measureLatency(operators: number, events: number): Promise<LatencyResult> {
  await using stack = new AsyncDisposableStack();
  const anvil = stack.use(await startAnvil());
  const contracts = await deployContracts(anvil);
  const { chain } = contracts;
  const firstPort = freePort();
  const nodes: TestNode[] = [];
  for (let index = 0; index < operators; index++) {
    const bootstrap = index === 0 ? "[]" : `["/ip4/127.0.0.1/tcp/${firstPort}"]`;
    const home = stack.use(
      await createHome({
        chains: [anvil],
        settings: {
          signing_mnemonic: JSON.stringify(generateMnemonic(english)),
          aggregator_evm_credential: JSON.stringify(privateKeyOf(testAccount(2 + index))),
          p2p: `{ remote = { listen_port = ${index === 0 ? firstPort : 0}, bootstrap_nodes = ${bootstrap} } }`,
        },
      }),
    );
    nodes.push(stack.use(await startTestNode(home)));
  }
  const service = await registerEverywhere(anvil, contracts, nodes.map(({ client }) => client));
  await allMeet(nodes.map(({ url }) => url), serviceIdOf(service.manager));

  const [quorum, sent] = [new Times(), new Times()];
  for (const { journal } of nodes) observe(journal, quorum, sent);
  for (let event = 0; event < WARM_UP + events; event++) {
    if (event === WARM_UP) {
      quorum.startRound();
      sent.startRound();
    }
    await addTrigger(chain, contracts.trigger, stringToHex(`{"x":${event}}`));
    await until("it is handled", async () => (await handledEvents(chain, contracts.submit)).length > event);
  }
  const ms = (times: Times, percent: number) => round(times.percentile(percent) / 1_000);
  return {
    operators,
    detectedToQuorumP50Ms: ms(quorum, 50),
    detectedToQuorumP99Ms: ms(quorum, 99),
    detectedToSentP50Ms: ms(sent, 50),
    detectedToSentP99Ms: ms(sent, 99),
  };
}

function observe(journal: Journal, quorum: Times, sent: Times): void {
  const steps = new Map<number, Steps>();
  journal.observe((change) => {
    const now = performance.now();
    if (change.subject === "event" && change.state === "detected") steps.set(change.eventRow, { detected: now });
    if (change.subject === "submission" && change.state === "quorum") {
      const step = steps.get(change.eventRow);
      if (step !== undefined) step.quorum ??= now;
    }
    if (change.subject !== "transaction") return;
    const { submissionId } = journal.actions.get(change.actionId);
    const step = steps.get(journal.submissions.get(submissionId).eventRow);
    if (step?.detected === undefined || step.quorum === undefined) return;
    quorum.add((step.quorum - step.detected) * 1_000);
    sent.add((now - step.detected) * 1_000);
  });
}
