import { encodeHandleSignedEnvelope, signatureData } from "@/domain/mod.ts";
import { chainConfigOf, startAggregatorHarness, testEnvelope } from "@tests/support/aggregator.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { connectDevChain } from "@/cli/dev/deploy.ts";
import { testAccount } from "@tests/support/contracts.ts";
import { anvilControl, deployFor, signedBy, submitEvent } from "@tests/support/submissions.ts";
import { round } from "../rounds.ts";

const SEQUENTIAL_SENDER_INDEX = 8;

export interface ThroughputResult {
  readonly blockSeconds: number;
  readonly submissionsPerSecond: number;
  /** Of a submitter that waits for each receipt before it sends the next transaction. */
  readonly sequentialPerSecond: number;
  readonly ratioToSequential: number;
}

/** Submissions brought to one chain a second, by one account, beside a submitter that waits for every receipt. */
export async function measureThroughput(
  blockSeconds: number,
  { submissions, sequential }: { readonly submissions: number; readonly sequential: number },
): Promise<ThroughputResult> {
  await using anvil = await startAnvil();
  const deployment = await deployFor(anvil);
  if (blockSeconds > 0) await anvilControl(anvil).setIntervalMining({ interval: blockSeconds });
  await using aggregator = await startAggregatorHarness({ chains: [chainConfigOf(anvil)], carrier: "worker" });
  const handler = deployment.store;
  await submitEvent(anvil, aggregator, { event: 1, handler });

  let startedMs = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: submissions }, (_, index) => submitEvent(anvil, aggregator, { event: 2 + index, handler })),
  );
  if (outcomes.some(({ kind }) => kind !== "landed")) throw new Error("all land");
  const submissionsPerSecond = submissions / (performance.now() - startedMs) * 1_000;

  const account = testAccount(SEQUENTIAL_SENDER_INDEX);
  const { httpUrl, chainId } = anvil;
  const { reader, writer } = connectDevChain({ httpUrl, chainId, account });
  startedMs = performance.now();
  for (let index = 0; index < sequential; index++) {
    const envelope = testEnvelope(1_000_000 + index);
    const latest = await reader.getBlockNumber({ cacheTime: 0 });
    const data = encodeHandleSignedEnvelope(envelope, signatureData(await signedBy(envelope), latest - 1n));
    const hash = await writer.sendTransaction({ to: handler, data });
    const { status } = await reader.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error("all land");
  }
  const sequentialPerSecond = sequential / (performance.now() - startedMs) * 1_000;
  return {
    blockSeconds,
    submissionsPerSecond: round(submissionsPerSecond),
    sequentialPerSecond: round(sequentialPerSecond),
    ratioToSequential: round(submissionsPerSecond / sequentialPerSecond),
  };
}
