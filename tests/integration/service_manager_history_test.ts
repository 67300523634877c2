import assert from "node:assert/strict";
import fc from "fast-check";
import { type Address, encodeFunctionData } from "viem";
import type { HDAccount } from "viem/accounts";
import { weightedServiceManager } from "@components/contracts/mod.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import { deployContracts, settledBlock, testAccount, type TestDeployment } from "@tests/support/contracts.ts";
import { makeEnvelope, signatureData } from "@tests/support/envelopes.ts";
import { findRevert } from "@tests/support/reverts.ts";

const { abi } = weightedServiceManager;
const ENVELOPE = makeEnvelope(7, "0x00");
const OPERATOR_COUNT = 4;
const CHANGE_COUNT = 12;

/** What the contract should know at the end of a block: the plain-TypeScript twin of its checkpoints. */
interface Snapshot {
  readonly block: bigint;
  readonly weights: readonly bigint[];
  readonly quorum: readonly [numerator: bigint, denominator: bigint];
}

type Change =
  | { readonly kind: "weight"; readonly operator: number; readonly weight: bigint }
  | { readonly kind: "quorum"; readonly quorum: readonly [bigint, bigint] };

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant("weight" as const),
    operator: fc.nat(OPERATOR_COUNT - 1),
    weight: fc.bigInt(0n, 100n),
  }),
  fc.bigInt(1n, 7n).chain((denominator) =>
    fc.bigInt(1n, denominator).map((numerator): Change => ({ kind: "quorum", quorum: [numerator, denominator] }))
  ),
);

/** The rule, written down a second time: `"accepted"` or the error with its arguments. */
function expectedOutcome({ weights, quorum: [numerator, denominator] }: Snapshot, signers: readonly number[]): string {
  const signed = signers.reduce((sum, signer) => sum + (weights[signer] ?? 0n), 0n);
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const threshold = (total * numerator + denominator - 1n) / denominator;
  if (signed === 0n) return "InsufficientQuorumZero()";
  return signed < threshold ? `InsufficientQuorum(${signed},${threshold},${total})` : "accepted";
}

async function actualOutcome(
  { chain, manager }: TestDeployment,
  signers: readonly HDAccount[],
  block: bigint,
): Promise<string> {
  const args = [ENVELOPE, await signatureData(signers, ENVELOPE, block)] as const;
  const revert = await findRevert(chain.reader.readContract({ address: manager, abi, functionName: "validate", args }));
  return revert === undefined ? "accepted" : `${revert.errorName}(${revert.args.join(",")})`;
}

async function apply({ chain, manager, operators }: TestDeployment, change: Change): Promise<bigint> {
  const data = change.kind === "quorum"
    ? encodeFunctionData({ abi, functionName: "setQuorumThreshold", args: change.quorum })
    : encodeFunctionData({
      abi,
      functionName: "setOperatorWeight",
      args: [operators[change.operator] as Address, change.weight],
    });
  const hash = await chain.writer.sendTransaction({ to: manager, data });
  return (await chain.reader.waitForTransactionReceipt({ hash })).blockNumber;
}

function after(snapshot: Snapshot, change: Change, block: bigint): Snapshot {
  if (change.kind === "quorum") return { ...snapshot, block, quorum: change.quorum };
  return { ...snapshot, block, weights: snapshot.weights.with(change.operator, change.weight) };
}

Deno.test("validate judges any signers by the weights and the quorum of any past block", async () => {
  await using anvil = await startAnvil();
  const accounts = Array.from({ length: OPERATOR_COUNT }, (_, index) => testAccount(index + 1));
  const deployment = await deployContracts(anvil, { signingKeys: accounts.map((account) => account.address) });

  const start = { block: await settledBlock(deployment.chain), weights: accounts.map(() => 10_000n) };
  const history: [Snapshot, ...Snapshot[]] = [{ ...start, quorum: [2n, 3n] }];
  for (const change of fc.sample(changes, CHANGE_COUNT)) {
    history.push(after(history.at(-1) ?? history[0], change, await apply(deployment, change)));
  }
  await settledBlock(deployment.chain);

  const signerSets = fc.uniqueArray(fc.nat(OPERATOR_COUNT - 1), { minLength: 1 });
  const property = fc.asyncProperty(fc.constantFrom(...history), signerSets, async (snapshot, signers) => {
    const signing = accounts.filter((_, index) => signers.includes(index));
    const actual = await actualOutcome(deployment, signing, snapshot.block);
    assert.equal(actual, expectedOutcome(snapshot, signers), `at block ${snapshot.block}`);
  });
  await fc.assert(property, { numRuns: 60 });
});
