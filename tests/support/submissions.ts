import assert from "node:assert/strict";
import { createTestClient, http, type HttpTransport, type TestClient } from "viem";
import {
  bytesToHex,
  type Envelope,
  parseEvmAddress,
  type SignedBy,
  type SubmitOutcome,
  type TransactionRow,
  type Turn,
} from "@/domain/mod.ts";
import { type AggregatorHarness, chainConfigOf, signTestEnvelope, targetAt, testEnvelope } from "./aggregator.ts";
import type { Anvil } from "./anvil.ts";
import {
  deployContracts,
  readPayload,
  SENDER_INDEX,
  settledBlock,
  testAccount,
  type TestDeployment,
} from "./contracts.ts";

/** Index of the key that signs. */
export const OPERATOR = 1;
/** By the operator. */
export async function signedBy(envelope: Envelope): Promise<SignedBy[]> {
  const [signature] = await signTestEnvelope(envelope, [OPERATOR]);
  if (signature === undefined) throw new Error("one key signs");
  return [{ signer: parseEvmAddress(testAccount(OPERATOR).address), signature: signature.data }];
}

/** Who pays. */
export const SENDER = testAccount(SENDER_INDEX).address;

/** A chain with one registered operator, ready for reference blocks that know it. */
export async function deployFor(anvil: Anvil, hdIndexes: readonly number[] = [OPERATOR]): Promise<TestDeployment> {
  const deployment = await deployContracts(anvil, {
    signingKeys: hdIndexes.map((index) => testAccount(index).address),
  });
  await settledBlock(deployment.chain);
  return deployment;
}

/** Nobody goes before. */
export const FIRST: Turn = { before: [], delayMs: 0 };

export interface Shot {
  readonly event: number;
  readonly handler: string;
  readonly hdIndexes?: readonly number[];
  readonly gasPrice?: bigint;
  readonly turn?: Turn;
  readonly earlier?: readonly TransactionRow[];
}

/** Submits event number `event`; its action has the same number. */
export async function submitEvent(anvil: Anvil, aggregator: AggregatorHarness, shot: Shot): Promise<SubmitOutcome> {
  const { event, handler, hdIndexes = [OPERATOR], gasPrice, turn = FIRST, earlier } = shot;
  const envelope = testEnvelope(event);
  return await aggregator.api.submit({
    actionId: event,
    target: targetAt(chainConfigOf(anvil).key, handler, gasPrice),
    envelope,
    signatures: await signTestEnvelope(envelope, hdIndexes),
    turn,
    earlier: earlier ?? aggregator.rowsOf(event),
  });
}

export async function assertStored({ chain, store }: TestDeployment, event: number): Promise<void> {
  const { eventId, payload } = testEnvelope(event);
  assert.equal(await readPayload(chain, store, eventId), bytesToHex(payload), `payload of event ${event}`);
}

/** Transactions of the sender that are mined. */
export function sentCount({ chain }: TestDeployment): Promise<number> {
  return chain.reader.getTransactionCount({ address: SENDER });
}

/** Mines, sets fees and looks into the pool. */
export function anvilControl(anvil: Anvil): TestClient<"anvil", HttpTransport> {
  return createTestClient({ mode: "anvil", transport: http(anvil.httpUrl) });
}
