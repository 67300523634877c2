import assert from "node:assert/strict";
import type { Address } from "viem";
import { weightedServiceManager } from "@components/contracts/mod.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import {
  connectDevChain,
  DEFAULT_WEIGHT,
  deployContract,
  deployContracts,
  type DevChain,
  registerOperator,
  settledBlock,
  testAccount,
  type TestDeployment,
} from "@tests/support/contracts.ts";
import { makeEnvelope, signatureData } from "@tests/support/envelopes.ts";
import { revertOf } from "@tests/support/reverts.ts";

const { abi } = weightedServiceManager;
const SIGNER = testAccount(1);
const STRANGER = testAccount(9);
const ZERO_ADDRESS = "0x0000000000000000000000000000000000000000";

/** One operator that signs with {@link SIGNER}. */
async function withOneOperator(run: (deployment: TestDeployment, operator: Address) => Promise<void>): Promise<void> {
  await using anvil = await startAnvil();
  const deployment = await deployContracts(anvil, { signingKeys: [SIGNER.address] });
  const [operator] = deployment.operators;
  assert.ok(operator !== undefined);
  await run(deployment, operator);
}

/** The same chain through the eyes of {@link STRANGER}. */
function asStranger({ reader }: DevChain): DevChain {
  const { url } = reader.transport;
  assert.ok(url !== undefined);
  return connectDevChain({ httpUrl: url, chainId: reader.chain.id, account: STRANGER });
}

Deno.test("only the owner changes a service manager", async () => {
  await withOneOperator(async ({ chain, manager }, operator) => {
    const { writer } = asStranger(chain);
    const target = { address: manager, abi } as const;
    const newcomer = [STRANGER.address, STRANGER.address, 1n] as const;
    const attempts = [
      () => writer.writeContract({ ...target, functionName: "setServiceURI", args: ["ipfs://mine"] }),
      () => writer.writeContract({ ...target, functionName: "setQuorumThreshold", args: [1n, 2n] }),
      () => writer.writeContract({ ...target, functionName: "registerOperator", args: newcomer }),
      () => writer.writeContract({ ...target, functionName: "deregisterOperator", args: [operator] }),
      () => writer.writeContract({ ...target, functionName: "setSigningKey", args: [operator, STRANGER.address] }),
      () => writer.writeContract({ ...target, functionName: "setOperatorWeight", args: [operator, 1n] }),
      () => writer.writeContract({ ...target, functionName: "offerOwnership", args: [STRANGER.address] }),
    ];
    for (const attempt of attempts) {
      const { errorName, args } = await revertOf(attempt());
      assert.deepEqual([errorName, args], ["NotOwner", [STRANGER.address]], String(attempt));
    }
  });
});

Deno.test("ownership moves only when the new owner accepts it", async () => {
  await withOneOperator(async ({ chain, manager }) => {
    const stranger = asStranger(chain);
    const target = { address: manager, abi } as const;
    const accept = { ...target, functionName: "acceptOwnership" } as const;
    assert.equal((await revertOf(stranger.writer.writeContract(accept))).errorName, "NotPendingOwner");

    const offer = { ...target, functionName: "offerOwnership", args: [STRANGER.address] } as const;
    await chain.reader.waitForTransactionReceipt({ hash: await chain.writer.writeContract(offer) });
    const owner = { ...target, functionName: "owner" } as const;
    assert.equal(await chain.reader.readContract(owner), chain.account.address);

    await chain.reader.waitForTransactionReceipt({ hash: await stranger.writer.writeContract(accept) });
    assert.equal(await chain.reader.readContract(owner), STRANGER.address);
    assert.equal((await revertOf(chain.writer.writeContract(offer))).errorName, "NotOwner");
  });
});

Deno.test("registrations that would count one signature twice are refused", async () => {
  await withOneOperator(async ({ chain, manager }, operator) => {
    const refusals = {
      OperatorAlreadyRegistered: [operator, STRANGER.address, 1n],
      SigningKeyInUse: [STRANGER.address, SIGNER.address, 1n],
      ZeroAddress: [STRANGER.address, ZERO_ADDRESS, 1n],
      ValueTooLarge: [STRANGER.address, STRANGER.address, 1n << 224n],
    } as const;
    for (const [expected, args] of Object.entries(refusals)) {
      const call = { address: manager, abi, functionName: "registerOperator", args } as const;
      assert.equal((await revertOf(chain.writer.writeContract(call))).errorName, expected);
    }
  });
});

Deno.test("a deregistered operator counts for earlier reference blocks only and can come back", async () => {
  await withOneOperator(async ({ chain, manager }, operator) => {
    const envelope = makeEnvelope(1, "0x01");
    const validateAt = async (block: bigint) => {
      const args = [envelope, await signatureData([SIGNER], envelope, block)] as const;
      await chain.reader.readContract({ address: manager, abi, functionName: "validate", args });
    };
    const before = await settledBlock(chain);
    const leave = { address: manager, abi, functionName: "deregisterOperator", args: [operator] } as const;
    await chain.reader.waitForTransactionReceipt({ hash: await chain.writer.writeContract(leave) });
    const without = await settledBlock(chain);
    await registerOperator(chain, manager, { operator, signingKey: SIGNER.address, weight: DEFAULT_WEIGHT });
    const back = await settledBlock(chain);

    await validateAt(before);
    assert.equal((await revertOf(validateAt(without))).errorName, "SignerNotRegistered");
    await validateAt(back);
  });
});

Deno.test("a quorum is a fraction above zero and at most one", async () => {
  await withOneOperator(async ({ chain, manager }) => {
    for (const args of [[0n, 1n], [1n, 0n], [0n, 0n], [3n, 2n], [1n, 1n << 32n]] as const) {
      const call = { address: manager, abi, functionName: "setQuorumThreshold", args } as const;
      const { data } = await revertOf(chain.writer.writeContract(call));
      assert.equal(data, "0xcc0d6871", args.join("/"));
      await assert.rejects(deployContract(chain, weightedServiceManager, args), { code: "dev_transaction_failed" });
    }
  });
});

Deno.test("the greatest weight and the finest quorum do not overflow", async () => {
  await withOneOperator(async ({ chain, manager }, operator) => {
    const weight = (1n << 224n) - 1n;
    const finest = (1n << 32n) - 1n;
    const raise = { address: manager, abi, functionName: "setOperatorWeight", args: [operator, weight] } as const;
    await chain.reader.waitForTransactionReceipt({ hash: await chain.writer.writeContract(raise) });
    const tune = { address: manager, abi, functionName: "setQuorumThreshold", args: [finest, finest] } as const;
    await chain.reader.waitForTransactionReceipt({ hash: await chain.writer.writeContract(tune) });
    const read = { address: manager, abi, functionName: "getLastCheckpointThresholdWeight" } as const;
    assert.equal(await chain.reader.readContract(read), weight);
  });
});
