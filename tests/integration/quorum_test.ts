import assert from "node:assert/strict";
import { encodeFunctionData, hexToString } from "viem";
import { weightedServiceManager } from "@components/contracts/mod.ts";
import { envelopeDigest, isWavsError } from "@/domain/mod.ts";
import { type JudgedStage, openJudgedStage, OWN_KEY, submissionOf } from "@/quorum/testing/stage.ts";
import type { SignedEnvelope } from "@/quorum/mod.ts";
import { operatorAddress } from "@/verifier/testing/signed_submission.ts";
import { type AggregatorHarness, chainConfigOf, startAggregatorHarness, targetAt } from "@tests/support/aggregator.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import {
  deployContracts,
  readPayload,
  registerOperator,
  settledBlock,
  testAccount,
  type TestDeployment,
} from "@tests/support/contracts.ts";

interface ChainStage extends AsyncDisposable {
  readonly stage: JudgedStage;
  readonly aggregator: AggregatorHarness;
  readonly deployment: TestDeployment;
  readonly chainKey: ReturnType<typeof chainConfigOf>["key"];
}

/** A node's judgement over a real chain: operators 1 to 4 weigh as much as their number, and seven of ten must sign. */
async function openChainStage(): Promise<ChainStage> {
  await using stack = new AsyncDisposableStack();
  const anvil = stack.use(await startAnvil());
  const deployment = await deployContracts(anvil, { quorumNumerator: 7n, quorumDenominator: 10n });
  for (const key of [1, 2, 3, 4]) {
    const registration = { operator: operatorOf(key), signingKey: operatorAddress(key), weight: BigInt(key) };
    await registerOperator(deployment.chain, deployment.manager, registration);
  }
  await settledBlock(deployment.chain);
  const chain = chainConfigOf(anvil);
  const aggregator = stack.use(await startAggregatorHarness({ chains: [chain] }));
  const stage = stack.use(
    await openJudgedStage({
      weigh: (request) => aggregator.api.signerWeight(request),
      validate: (request) => aggregator.api.validate(request),
    }),
  );
  const running = stack.move();
  return { stage, aggregator, deployment, chainKey: chain.key, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Not the address it signs with. */
function operatorOf(key: number) {
  return testAccount(100 + key).address;
}

async function deregister({ deployment: { chain, manager } }: ChainStage, key: number): Promise<void> {
  const { abi } = weightedServiceManager;
  const data = encodeFunctionData({ abi, functionName: "deregisterOperator", args: [operatorOf(key)] });
  await chain.reader.waitForTransactionReceipt({ hash: await chain.writer.sendTransaction({ to: manager, data }) });
  await settledBlock(chain);
}

async function ask(stage: JudgedStage, signed: SignedEnvelope): Promise<string> {
  try {
    await stage.quorum.require(signed);
    return "reached";
  } catch (error) {
    assert.ok(isWavsError(error), String(error));
    return error.code;
  }
}

Deno.test("signing keys weigh what the chain says of their operators", async () => {
  await using scene = await openChainStage();
  const { stage, aggregator, deployment, chainKey } = scene;
  const manager = { kind: "evm", chain: chainKey, address: deployment.manager.toLowerCase() as never } as const;
  const weigh = (key: number) => aggregator.api.signerWeight({ manager, signer: operatorAddress(key) });
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(weigh)), [1n, 2n, 3n, 4n, 0n]);
  await deregister(scene, 4);
  assert.equal(await weigh(4), 0n);
  const nobody = { ...manager, address: operatorAddress(9) };
  await assert.rejects(
    aggregator.api.signerWeight({ manager: nobody, signer: operatorAddress(1) }),
    (error) => isWavsError(error, "no_service_manager"),
  );
  assert.equal((await stage.receive(submissionOf(5))).kind, "refused");
});

Deno.test("weights decide: two of four are enough only if they are the heavy ones", async () => {
  await using scene = await openChainStage();
  const { stage } = scene;
  const light = stage.sign(submissionOf(OWN_KEY, { event: 1 }));
  await stage.receive(submissionOf(2, { event: 1 }));
  await stage.receive(submissionOf(3, { event: 1 }));
  assert.equal(await ask(stage, light.signed), "insufficient_quorum");
  await stage.receive(submissionOf(4, { event: 1 }));
  assert.equal(await ask(stage, light.signed), "reached");
  const heavy = stage.sign(submissionOf(OWN_KEY, { event: 2 }));
  await stage.receive(submissionOf(4, { event: 2 }));
  assert.equal(await ask(stage, heavy.signed), "insufficient_quorum");
  await stage.receive(submissionOf(2, { event: 2 }));
  assert.equal(await ask(stage, heavy.signed), "reached");
});

Deno.test("the handler gets the whole set, signers ascending, and an operator that left spoils it no longer", async () => {
  await using scene = await openChainStage();
  const { stage, aggregator, deployment, chainKey } = scene;
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  for (const key of [2, 3, 4]) await stage.receive(submissionOf(key));
  assert.equal(await ask(stage, signed), "reached");
  await deregister(scene, 2);
  const submit = (signatures: ReturnType<JudgedStage["quorum"]["signatures"]>) =>
    aggregator.api.submit({
      actionId: 1,
      target: targetAt(chainKey, deployment.store),
      envelope: signed.envelope,
      signatures,
      turn: { before: [], delayMs: 0 },
      earlier: [],
    });
  await assert.rejects(
    submit(stage.quorum.signatures(signed)),
    (error) => isWavsError(error, "signer_not_registered") && error.retryable,
  );
  const reviewed = await stage.quorum.reviewedSignatures(signed);
  assert.equal(reviewed.length, 3);
  assert.equal((await submit(reviewed)).kind, "landed");
  const { eventId } = signed.envelope;
  assert.equal(hexToString(await readPayload(deployment.chain, deployment.store, eventId) ?? "0x"), "answer");
  const { serviceId } = stage;
  const left = stage.journal.peerSignatures.of({ serviceId, eventId, envelopeDigest: envelopeDigest(signed.envelope) });
  const remaining = [3, 4].map((key): string => operatorAddress(key)).sort();
  assert.deepEqual(left.map(({ signer }): string => signer), remaining, "it is forgotten");
});

Deno.test("signatures that somebody respelled count as what they were made from, on chain too", async () => {
  await using scene = await openChainStage();
  const { stage } = scene;
  const { signed } = stage.sign(submissionOf(OWN_KEY));
  for (const key of [2, 3, 4]) {
    const submission = submissionOf(key);
    const { data, kind } = submission.envelopeSignature;
    const v = (data.at(-1) ?? 0) - 27;
    const respelled = Uint8Array.of(...data.subarray(0, 64), v);
    assert.equal((await stage.receive({ ...submission, envelopeSignature: { data: respelled, kind } })).kind, "stored");
  }
  assert.equal(await ask(stage, signed), "reached");
});
