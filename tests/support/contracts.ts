import {
  type Address,
  type ContractFunctionReturnType,
  createTestClient,
  type Hex,
  hexToString,
  http,
  parseAbiItem,
} from "viem";
import { type HDAccount, mnemonicToAccount } from "viem/accounts";
import { envelopeStore, simpleSubmit } from "@components/contracts/mod.ts";
import {
  connectDevChain,
  deployContracts as deploy,
  type DeployedContracts,
  type DeployOptions,
  type DevChain,
  registerOperator,
} from "@/cli/dev/deploy.ts";
import { bytesToHex } from "@/domain/mod.ts";
import type { Anvil } from "./anvil.ts";

export { addTrigger, connectDevChain, deployContract, registerOperator, setServiceUri } from "@/cli/dev/deploy.ts";
export type { DeployedContracts, DevChain };

/** The phrase every local chain funds: the first ten accounts hold 10,000 ether each on anvil. */
export const TEST_MNEMONIC = "test test test test test test test test test test test junk";

/** Deploys in tests, and owns what it deploys. */
export const OWNER_INDEX = 0;

/** Pays for what nodes and aggregators of tests submit; nothing else sends from it, or their nonces would clash. */
export const SENDER_INDEX = 9;

/** A signer may differ from its operator; tests that do not care derive the operator's address from here on. */
const FIRST_OPERATOR_INDEX = 100;

/** What an operator weighs unless a test says otherwise (spec/wire.md 4.7). */
export const DEFAULT_WEIGHT = 10_000n;

/** The account of {@link TEST_MNEMONIC} at `m/44'/60'/0'/0/{index}` (spec/wire.md 3.1). */
export function testAccount(index: number): HDAccount {
  return mnemonicToAccount(TEST_MNEMONIC, { addressIndex: index });
}

/** `0x` and the private key of a test account. */
export function privateKeyOf(account: HDAccount): string {
  const { privateKey } = account.getHdKey();
  if (privateKey === null) throw new Error("a test account has a private key");
  return bytesToHex(privateKey);
}

/** The owner's view of `anvil`. */
export function connectOwner(anvil: Anvil): DevChain {
  return connectDevChain({ httpUrl: anvil.httpUrl, chainId: anvil.chainId, account: testAccount(OWNER_INDEX) });
}

export interface DeployTestOptions extends Partial<DeployOptions> {
  /** Each gets an operator of {@link DEFAULT_WEIGHT}. Default none. */
  readonly signingKeys?: readonly Address[];
}

export interface TestDeployment extends DeployedContracts {
  readonly chain: DevChain;
  /** In the order of `signingKeys`. */
  readonly operators: readonly Address[];
}

/** Deploys the sample contracts and registers an operator for every signing key; quorum two thirds by default. */
export async function deployContracts(anvil: Anvil, options: DeployTestOptions = {}): Promise<TestDeployment> {
  const chain = connectOwner(anvil);
  const { quorumNumerator = 2n, quorumDenominator = 3n, signingKeys = [] } = options;
  const contracts = await deploy(chain, { quorumNumerator, quorumDenominator });
  const operators: Address[] = [];
  for (const [index, signingKey] of signingKeys.entries()) {
    const operator = testAccount(FIRST_OPERATOR_INDEX + index).address;
    await registerOperator(chain, contracts.manager, { operator, signingKey, weight: DEFAULT_WEIGHT });
    operators.push(operator);
  }
  return { ...contracts, chain, operators };
}

/** Mines a block and returns the number of the one before it: a reference block that holds all that was done so far. */
export async function settledBlock(chain: DevChain): Promise<bigint> {
  await createTestClient({ mode: "anvil", transport: http(chain.reader.transport.url) }).mine({ blocks: 1 });
  return await chain.reader.getBlockNumber({ cacheTime: 0 }) - 1n;
}

/** What `SimpleSubmit` keeps about a trigger; `undefined` while it is unanswered. */
export type SignedData = ContractFunctionReturnType<typeof simpleSubmit.abi, "view", "getSignedData">;

/** Reads the answer to a trigger from a `SimpleSubmit` handler. */
export async function readSignedData(
  chain: DevChain,
  submit: Address,
  triggerId: bigint,
): Promise<SignedData | undefined> {
  const call = { address: submit, abi: simpleSubmit.abi, args: [triggerId] } as const;
  if (!await chain.reader.readContract({ ...call, functionName: "isValidTriggerId" })) return undefined;
  return await chain.reader.readContract({ ...call, functionName: "getSignedData" });
}

/** Reads a payload from an `EnvelopeStore` handler; `undefined` while the event is unhandled. */
export async function readPayload(chain: DevChain, store: Address, eventId: Hex): Promise<Hex | undefined> {
  const call = { address: store, abi: envelopeStore.abi, args: [eventId] } as const;
  if (!await chain.reader.readContract({ ...call, functionName: "handled" })) return undefined;
  return await chain.reader.readContract({ ...call, functionName: "getPayload" });
}

const EVENT_HANDLED = parseAbiItem("event EventHandled(bytes20 indexed eventId)");

/** The ids of the events a handler applied, in the order of the chain: one that landed twice is in it twice. */
export async function handledEvents(chain: DevChain, handler: Address): Promise<Hex[]> {
  const logs = await chain.reader.getLogs({ address: handler, event: EVENT_HANDLED, fromBlock: 0n, strict: true });
  return logs.map(({ args }) => args.eventId);
}

/** The text a `SimpleSubmit` handler holds for a trigger; `undefined` while it is unanswered. */
export async function readAnswer(chain: DevChain, submit: Address, triggerId: bigint): Promise<string | undefined> {
  const signed = await readSignedData(chain, submit, triggerId);
  return signed === undefined ? undefined : hexToString(signed.data);
}
