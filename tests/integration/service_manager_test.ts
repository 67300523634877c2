import assert from "node:assert/strict";
import { type Address, encodeFunctionData, type Hex, slice } from "viem";
import type { HDAccount } from "viem/accounts";
import { weightedServiceManager } from "@components/contracts/mod.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import {
  DEFAULT_WEIGHT,
  deployContracts,
  setServiceUri,
  settledBlock,
  testAccount,
  type TestDeployment,
} from "@tests/support/contracts.ts";
import {
  type EnvelopeArgument,
  envelopeDigest,
  makeEnvelope,
  mirrorSignature,
  signatureData,
  type SignatureDataArgument,
  signEnvelope,
  withV,
} from "@tests/support/envelopes.ts";
import { revertOf } from "@tests/support/reverts.ts";

const { abi } = weightedServiceManager;
const ENVELOPE = makeEnvelope(1, "0x68656c6c6f");
/** Ascending by address, so that hand-made signature data is in order. */
const SIGNERS = [1, 2, 3].map(testAccount).toSorted((a, b) => BigInt(a.address) < BigInt(b.address) ? -1 : 1);
const STRANGER = testAccount(9);

/** Three operators of equal weight, quorum two thirds, ready to validate. */
async function withThreeOperators(run: (deployment: TestDeployment, block: bigint) => Promise<void>): Promise<void> {
  await using anvil = await startAnvil();
  const deployment = await deployContracts(anvil, { signingKeys: SIGNERS.map((signer) => signer.address) });
  await run(deployment, await settledBlock(deployment.chain));
}

function validate(
  deployment: TestDeployment,
  signatures: SignatureDataArgument,
  envelope: EnvelopeArgument = ENVELOPE,
): Promise<unknown> {
  return deployment.chain.reader.readContract({
    address: deployment.manager,
    abi,
    functionName: "validate",
    args: [envelope, signatures],
  });
}

/** Has the owner send the manager a call and waits until it is mined. */
async function manage({ chain, manager }: TestDeployment, data: Hex): Promise<void> {
  const hash = await chain.writer.sendTransaction({ to: manager, data });
  const { status } = await chain.reader.waitForTransactionReceipt({ hash });
  assert.equal(status, "success");
}

function signersAt(...indices: number[]): HDAccount[] {
  return SIGNERS.filter((_, index) => indices.includes(index));
}

Deno.test("validate accepts the recorded signature of spec/wire.md 3.3", async () => {
  await using anvil = await startAnvil();
  const deployment = await deployContracts(anvil, { signingKeys: [testAccount(1).address] });
  const envelope = { eventId: `0x${"01".repeat(20)}`, ordering: `0x${"00".repeat(12)}`, payload: "0x010203" } as const;
  assert.equal(envelopeDigest(envelope), "0xb85976350e6c9cfdba0254d1169aa905dba6c5374a00c74c011192447456a8d3");
  const recorded = {
    signers: [testAccount(1).address],
    signatures: [
      "0xee830dd975c7b3769b2de7bdee0279c94034ec66826ff65606a8eae211cce5e964b351eb6abe8c7fdea6481972d67c0ff30ea066e4dbd752d2b839915ec8ad421b",
    ],
    referenceBlock: Number(await settledBlock(deployment.chain)),
  } as const;
  await validate(deployment, recorded, envelope);
  const { errorName } = await revertOf(validate(deployment, recorded, { ...envelope, payload: "0x010204" }));
  assert.equal(errorName, "InvalidSignature");
});

Deno.test("validate accepts a quorum and everything above it", async () => {
  await withThreeOperators(async (deployment, block) => {
    await validate(deployment, await signatureData(signersAt(0, 1), ENVELOPE, block));
    await validate(deployment, await signatureData(signersAt(0, 2), ENVELOPE, block));
    await validate(deployment, await signatureData(SIGNERS, ENVELOPE, block));
  });
});

Deno.test("validate reports the weights when the quorum is missed", async () => {
  await withThreeOperators(async (deployment, block) => {
    const revert = await revertOf(validate(deployment, await signatureData(signersAt(1), ENVELOPE, block)));
    const words = [DEFAULT_WEIGHT, 2n * DEFAULT_WEIGHT, 3n * DEFAULT_WEIGHT];
    assert.equal(revert.data, `0x86b16091${words.map((word) => word.toString(16).padStart(64, "0")).join("")}`);
  });
});

Deno.test("validate refuses an unregistered signer with exactly the bytes of SignerNotRegistered", async () => {
  await withThreeOperators(async (deployment, block) => {
    const signers = [...SIGNERS, STRANGER];
    const revert = await revertOf(validate(deployment, await signatureData(signers, ENVELOPE, block)));
    assert.equal(revert.data, "0x3dda1739");
  });
});

Deno.test("validate refuses every signature that is not the canonical one of its signer", async () => {
  await withThreeOperators(async (deployment, block) => {
    const good = await signatureData(signersAt(0, 1), ENVELOPE, block);
    const [first, second] = await Promise.all(signersAt(0, 1).map((signer) => signEnvelope(signer, ENVELOPE)));
    assert.ok(first !== undefined && second !== undefined);
    const unprefixed = await signersAt(1)[0]?.sign({ hash: envelopeDigest(ENVELOPE) });
    const bad = {
      "of another signer": first,
      "with high s": mirrorSignature(second),
      "with v 0": withV(second, 0),
      "with v 1": withV(second, 1),
      "with the other v": withV(second, 55 - Number(slice(second, 64))),
      "with v 29": withV(second, 29),
      "one byte short": slice(second, 0, 64),
      "one byte long": `${second}00`,
      "empty": "0x",
      "all zero": `0x${"00".repeat(64)}1b`,
      "without the EIP-191 prefix": unprefixed ?? "0x",
    } as const;
    for (const [form, signature] of Object.entries(bad)) {
      const { errorName } = await revertOf(validate(deployment, { ...good, signatures: [first, signature] }));
      assert.equal(errorName, "InvalidSignature", form);
    }
  });
});

Deno.test("validate refuses signers out of order or twice", async () => {
  await withThreeOperators(async (deployment, block) => {
    const good = await signatureData(SIGNERS, ENVELOPE, block);
    const reversed = { ...good, signers: good.signers.toReversed(), signatures: good.signatures.toReversed() };
    assert.equal((await revertOf(validate(deployment, reversed))).errorName, "InvalidSignatureOrder");
    const twice = await signatureData([...signersAt(0), ...signersAt(0)], ENVELOPE, block);
    assert.equal((await revertOf(validate(deployment, twice))).errorName, "InvalidSignatureOrder");
  });
});

Deno.test("validate refuses empty and uneven arrays", async () => {
  await withThreeOperators(async (deployment, block) => {
    const good = await signatureData(SIGNERS, ENVELOPE, block);
    const empty = { ...good, signers: [], signatures: [] };
    const uneven = { ...good, signatures: good.signatures.slice(1) };
    for (const signatures of [empty, uneven]) {
      assert.equal((await revertOf(validate(deployment, signatures))).errorName, "InvalidSignatureLength");
    }
  });
});

Deno.test("validate refuses a reference block that is not in the past", async () => {
  await withThreeOperators(async (deployment, block) => {
    // Anvil runs the call in its latest block, which is `block + 1`: that is the nearest one to be refused.
    for (const ahead of [1n, 1_000_000n]) {
      const future = await signatureData(SIGNERS, ENVELOPE, block + ahead);
      assert.equal((await revertOf(validate(deployment, future))).errorName, "InvalidSignatureBlock");
    }
  });
});

Deno.test("a rotated key signs for its operator from then on, the old one for reference blocks before", async () => {
  await withThreeOperators(async (deployment, before) => {
    const operator = deployment.operators[0];
    const [rotated, ...others] = SIGNERS;
    assert.ok(operator !== undefined && rotated !== undefined);
    await manage(
      deployment,
      encodeFunctionData({ abi, functionName: "setSigningKey", args: [operator, STRANGER.address] }),
    );
    const after = await settledBlock(deployment.chain);

    await validate(deployment, await signatureData([rotated, ...others], ENVELOPE, before));
    await validate(deployment, await signatureData([STRANGER, ...others], ENVELOPE, after));
    const early = await signatureData([STRANGER, ...others], ENVELOPE, before);
    assert.equal((await revertOf(validate(deployment, early))).errorName, "SignerNotRegistered");
    const late = await signatureData([rotated, ...others], ENVELOPE, after);
    assert.equal((await revertOf(validate(deployment, late))).errorName, "SignerNotRegistered");
  });
});

Deno.test("getLatestOperatorForSigningKey follows a rotation", async () => {
  await withThreeOperators(async (deployment) => {
    const { chain, manager, operators } = deployment;
    const [operator] = operators;
    const [old] = SIGNERS;
    assert.ok(operator !== undefined && old !== undefined);
    const operatorOf = (key: Address) =>
      chain.reader.readContract({ address: manager, abi, functionName: "getLatestOperatorForSigningKey", args: [key] });
    assert.equal(await operatorOf(old.address), operator);
    await manage(
      deployment,
      encodeFunctionData({ abi, functionName: "setSigningKey", args: [operator, STRANGER.address] }),
    );
    assert.equal(BigInt(await operatorOf(old.address)), 0n);
    assert.equal(await operatorOf(STRANGER.address), operator);
  });
});

Deno.test("a quorum change judges only later reference blocks", async () => {
  await withThreeOperators(async (deployment, before) => {
    await manage(deployment, encodeFunctionData({ abi, functionName: "setQuorumThreshold", args: [1n, 1n] }));
    const after = await settledBlock(deployment.chain);
    await validate(deployment, await signatureData(signersAt(0, 1), ENVELOPE, before));
    const { args } = await revertOf(validate(deployment, await signatureData(signersAt(0, 1), ENVELOPE, after)));
    assert.deepEqual(args, [2n * DEFAULT_WEIGHT, 3n * DEFAULT_WEIGHT, 3n * DEFAULT_WEIGHT]);
  });
});

Deno.test("signatures that weigh nothing are told apart from a missed quorum", async () => {
  await withThreeOperators(async (deployment) => {
    const [silenced] = deployment.operators;
    assert.ok(silenced !== undefined);
    await manage(deployment, encodeFunctionData({ abi, functionName: "setOperatorWeight", args: [silenced, 0n] }));
    const block = await settledBlock(deployment.chain);
    const { errorName } = await revertOf(validate(deployment, await signatureData(signersAt(0), ENVELOPE, block)));
    assert.equal(errorName, "InsufficientQuorumZero");
  });
});

Deno.test("the service URI is stored and announced", async () => {
  await withThreeOperators(async ({ chain, manager }) => {
    const { blockNumber } = await setServiceUri(chain, manager, "ipfs://service");
    const target = { address: manager, abi } as const;
    assert.equal(await chain.reader.readContract({ ...target, functionName: "getServiceURI" }), "ipfs://service");
    const filter = { ...target, eventName: "ServiceURIUpdated", fromBlock: blockNumber } as const;
    const [event] = await chain.reader.getContractEvents(filter);
    assert.equal(event?.args.serviceURI, "ipfs://service");
  });
});
