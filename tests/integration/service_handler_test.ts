import assert from "node:assert/strict";
import { type Address, encodeAbiParameters, type Hash, type Hex, parseAbiParameters } from "viem";
import { envelopeStore, logSpam, simpleSubmit, simpleTrigger } from "@components/contracts/mod.ts";
import { startAnvil } from "@tests/support/anvil.ts";
import {
  addTrigger,
  connectOwner,
  deployContract,
  deployContracts,
  readPayload,
  readSignedData,
  settledBlock,
  testAccount,
  type TestDeployment,
} from "@tests/support/contracts.ts";
import {
  type EnvelopeArgument,
  makeEnvelope,
  signatureData,
  type SignatureDataArgument,
} from "@tests/support/envelopes.ts";
import { revertOf } from "@tests/support/reverts.ts";

const SIGNERS = [testAccount(1), testAccount(2)];
const { abi } = envelopeStore;

async function withSigners(run: (deployment: TestDeployment, block: bigint) => Promise<void>): Promise<void> {
  await using anvil = await startAnvil();
  const deployment = await deployContracts(anvil, { signingKeys: SIGNERS.map((signer) => signer.address) });
  await run(deployment, await settledBlock(deployment.chain));
}

/** Both handlers take envelopes by the same function, so one ABI serves. */
async function submit(
  { chain }: TestDeployment,
  handler: Address,
  envelope: EnvelopeArgument,
  signatures: SignatureDataArgument,
): Promise<Hash> {
  const args = [envelope, signatures] as const;
  const hash = await chain.writer.writeContract({ address: handler, abi, functionName: "handleSignedEnvelope", args });
  await chain.reader.waitForTransactionReceipt({ hash });
  return hash;
}

/** `DataWithId` (spec/wire.md 4.7). */
function dataWithId(triggerId: bigint, data: Hex): Hex {
  const parameters = parseAbiParameters(["DataWithId data", "struct DataWithId { uint64 triggerId; bytes data; }"]);
  return encodeAbiParameters(parameters, [{ triggerId, data }]);
}

Deno.test("simple submit stores the answer with its envelope and signatures", async () => {
  await withSigners(async (deployment, block) => {
    const { chain, submit: handler } = deployment;
    assert.equal(await readSignedData(chain, handler, 5n), undefined);

    const envelope = makeEnvelope(1, dataWithId(5n, "0x68656c6c6f"));
    const signatures = await signatureData(SIGNERS, envelope, block);
    await submit(deployment, handler, envelope, signatures);

    assert.deepEqual(await readSignedData(chain, handler, 5n), {
      data: "0x68656c6c6f",
      signatureData: signatures,
      envelope,
    });
    const target = { address: handler, abi: simpleSubmit.abi, args: [5n] } as const;
    const answer = await chain.reader.readContract({ ...target, functionName: "getDataWithId" });
    assert.deepEqual(answer, { triggerId: 5n, data: "0x68656c6c6f" });
    assert.equal(await chain.reader.readContract({ ...target, functionName: "validTriggers" }), true);
  });
});

Deno.test("simple submit refuses a payload that is no DataWithId and leaves the event open", async () => {
  await withSigners(async (deployment, block) => {
    const { chain, submit: handler } = deployment;
    const envelope = makeEnvelope(1, "0x7b2278223a31327d");
    await revertOf(submit(deployment, handler, envelope, await signatureData(SIGNERS, envelope, block)));
    const call = { address: handler, abi, functionName: "handled", args: [envelope.eventId] } as const;
    assert.equal(await chain.reader.readContract(call), false);
  });
});

Deno.test("envelope store keeps bare payloads and announces them", async () => {
  await withSigners(async (deployment, block) => {
    const { chain, store } = deployment;
    const envelope = makeEnvelope(1, "0x7b2278223a31327d");
    assert.equal(await readPayload(chain, store, envelope.eventId), undefined);

    const signatures = await signatureData(SIGNERS, envelope, block);
    await submit(deployment, store, envelope, signatures);

    assert.equal(await readPayload(chain, store, envelope.eventId), envelope.payload);
    const events = await chain.reader.getContractEvents({ address: store, abi, fromBlock: block });
    assert.deepEqual(events.map(({ eventName, args }) => ({ eventName, args })), [
      { eventName: "EventHandled", args: { eventId: envelope.eventId } },
      { eventName: "EnvelopeHandled", args: { payload: envelope.payload, signers: signatures.signers } },
    ]);
  });
});

Deno.test("handlers apply an event once, whatever a second envelope says", async () => {
  await withSigners(async (deployment, block) => {
    const { store, submit: handler } = deployment;
    for (const address of [store, handler]) {
      const first = makeEnvelope(1, dataWithId(1n, "0x01"));
      const second = makeEnvelope(1, dataWithId(2n, "0x02"));
      await submit(deployment, address, first, await signatureData(SIGNERS, first, block));
      for (const repeated of [first, second]) {
        const signatures = await signatureData(SIGNERS, repeated, block);
        const { errorName, args } = await revertOf(submit(deployment, address, repeated, signatures));
        assert.deepEqual([errorName, args], ["EventAlreadyHandled", [first.eventId]]);
      }
    }
  });
});

Deno.test("handlers pass on why their manager refused", async () => {
  await withSigners(async (deployment, block) => {
    const envelope = makeEnvelope(1, "0x01");
    const signatures = await signatureData(SIGNERS.slice(1), envelope, block);
    const { data } = await revertOf(submit(deployment, deployment.store, envelope, signatures));
    assert.ok(data?.startsWith("0x86b16091"), data);
    const target = { address: deployment.store, abi, functionName: "getServiceManager" } as const;
    assert.equal(await deployment.chain.reader.readContract(target), deployment.manager);
  });
});

Deno.test("simple trigger numbers its questions from one", async () => {
  await withSigners(async ({ chain, trigger }) => {
    assert.equal((await addTrigger(chain, trigger, "0x01")).triggerId, 1n);
    assert.equal((await addTrigger(chain, trigger, "0x0203")).triggerId, 2n);

    const creator = chain.account.address;
    const target = { address: trigger, abi: simpleTrigger.abi } as const;
    const question = await chain.reader.readContract({ ...target, functionName: "getTrigger", args: [2n] });
    assert.deepEqual(question, { triggerId: 2n, creator, data: "0x0203" });
    const stored = await chain.reader.readContract({ ...target, functionName: "triggersById", args: [1n] });
    assert.deepEqual(stored, [creator, "0x01"]);
    const second = { ...target, functionName: "triggerIdsByCreator", args: [creator, 1n] } as const;
    assert.equal(await chain.reader.readContract(second), 2n);
  });
});

Deno.test("log spam emits one log for every id", async () => {
  await using anvil = await startAnvil();
  const chain = connectOwner(anvil);
  const address = await deployContract(chain, logSpam, []);
  const call = { address, abi: logSpam.abi, functionName: "emitSpam", args: [10n, 300n] } as const;
  const { logs } = await chain.reader.waitForTransactionReceipt({ hash: await chain.writer.writeContract(call) });
  assert.deepEqual(
    logs.map((log) => BigInt(log.topics[1] ?? 0)),
    Array.from({ length: 300 }, (_, id) => BigInt(id + 10)),
  );
});
