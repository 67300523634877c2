import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createWalletClient,
  decodeAbiParameters,
  defineChain,
  getAddress,
  type Hash,
  type Hex,
  http,
  type HttpTransport,
  parseAbiParameters,
  parseEventLogs,
  type PublicClient,
  type TransactionReceipt,
  type WalletClient,
} from "viem";
import {
  type Contract,
  envelopeStore,
  simpleSubmit,
  simpleTrigger,
  weightedServiceManager,
} from "@components/contracts/mod.ts";
import { describeError, WavsError } from "@/domain/errors.ts";
import { RECEIPT_POLL_MS, RECEIPT_TIMEOUT_MS } from "./limits.ts";

export interface DevChainOptions {
  readonly httpUrl: string;
  readonly chainId: number;
  /** Pays for everything and owns what it deploys. */
  readonly account: Account;
}

/** A local EVM chain as somebody who owns an account on it sees it. */
export interface DevChain {
  readonly account: Account;
  readonly reader: PublicClient<HttpTransport, Chain>;
  readonly writer: WalletClient<HttpTransport, Chain, Account>;
}

export interface DeployOptions {
  /** The share of the total weight that must sign: `quorumNumerator / quorumDenominator`. */
  readonly quorumNumerator: bigint;
  readonly quorumDenominator: bigint;
}

/** Where the sample contracts are. */
export interface DeployedContracts {
  readonly manager: Address;
  /** Handler for payloads of shape `DataWithId`. */
  readonly submit: Address;
  /** Handler for bare payloads. */
  readonly store: Address;
  readonly trigger: Address;
}

export interface OperatorRegistration {
  readonly operator: Address;
  readonly signingKey: Address;
  readonly weight: bigint;
}

export interface AddedTrigger {
  readonly triggerId: bigint;
  readonly transactionHash: Hash;
}

/**
 * Connects to a chain; nothing is sent yet.
 *
 * Transactions of one account go one after the other: each takes its nonce from the chain.
 */
export function connectDevChain(options: DevChainOptions): DevChain {
  const chain = defineChain({
    id: options.chainId,
    name: `dev-${options.chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [options.httpUrl] } },
  });
  const shared = { chain, transport: http(options.httpUrl), pollingInterval: RECEIPT_POLL_MS };
  return {
    account: options.account,
    reader: createPublicClient(shared),
    writer: createWalletClient({ ...shared, account: options.account }),
  };
}

/**
 * Deploys a service manager, both handlers that trust it, and a trigger contract.
 *
 * @throws WavsError `dev_transaction_failed`
 */
export async function deployContracts(chain: DevChain, options: DeployOptions): Promise<DeployedContracts> {
  const quorum = [options.quorumNumerator, options.quorumDenominator];
  const manager = await deployContract(chain, weightedServiceManager, quorum);
  return {
    manager,
    submit: await deployContract(chain, simpleSubmit, [manager]),
    store: await deployContract(chain, envelopeStore, [manager]),
    trigger: await deployContract(chain, simpleTrigger, []),
  };
}

/**
 * Deploys one contract, waits until it is there and returns its checksummed address.
 *
 * @throws WavsError `dev_transaction_failed`
 */
export async function deployContract(
  chain: DevChain,
  contract: Contract<Abi>,
  args: readonly unknown[],
): Promise<Address> {
  const { abi, bytecode } = contract;
  const receipt = await confirm(chain, "deploy a contract", chain.writer.deployContract({ abi, bytecode, args }));
  if (receipt.contractAddress) return getAddress(receipt.contractAddress);
  throw failed("deploy a contract", "the receipt names no address");
}

/**
 * Makes `signingKey` count for `weight`; only the manager's owner may.
 *
 * @throws WavsError `dev_transaction_failed`
 */
export async function registerOperator(
  chain: DevChain,
  manager: Address,
  registration: OperatorRegistration,
): Promise<TransactionReceipt> {
  const { operator, signingKey, weight } = registration;
  const sent = chain.writer.writeContract({
    address: manager,
    abi: weightedServiceManager.abi,
    functionName: "registerOperator",
    args: [operator, signingKey, weight],
  });
  return await confirm(chain, `register operator "${operator}"`, sent);
}

/**
 * Tells operators where the service definition is; only the manager's owner may.
 *
 * @throws WavsError `dev_transaction_failed`
 */
export async function setServiceUri(chain: DevChain, manager: Address, uri: string): Promise<TransactionReceipt> {
  const sent = chain.writer.writeContract({
    address: manager,
    abi: weightedServiceManager.abi,
    functionName: "setServiceURI",
    args: [uri],
  });
  return await confirm(chain, `set the service URI to "${uri}"`, sent);
}

/**
 * Emits `NewTrigger` with `data`.
 *
 * @throws WavsError `dev_transaction_failed`
 */
export async function addTrigger(chain: DevChain, trigger: Address, data: Hex): Promise<AddedTrigger> {
  const { abi } = simpleTrigger;
  const sent = chain.writer.writeContract({ address: trigger, abi, functionName: "addTrigger", args: [data] });
  const receipt = await confirm(chain, "add a trigger", sent);
  return { triggerId: readTriggerId(receipt), transactionHash: receipt.transactionHash };
}

/** The `TriggerInfo` inside the bytes of `NewTrigger` (spec/wire.md 4.7). */
const TRIGGER_INFO = parseAbiParameters([
  "TriggerInfo info",
  "struct TriggerInfo { uint64 triggerId; address creator; bytes data; }",
]);

function readTriggerId(receipt: TransactionReceipt): bigint {
  const [log] = parseEventLogs({ abi: simpleTrigger.abi, eventName: "NewTrigger", logs: receipt.logs });
  if (log === undefined) throw failed("add a trigger", "the receipt has no NewTrigger log");
  const [info] = decodeAbiParameters(TRIGGER_INFO, log.args.triggerData);
  return info.triggerId;
}

async function confirm(chain: DevChain, purpose: string, sent: Promise<Hash>): Promise<TransactionReceipt> {
  const receipt = await sent
    .then((hash) => chain.reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS }))
    .catch((cause: unknown) => {
      throw failed(purpose, describeError(cause), cause);
    });
  if (receipt.status === "success") return receipt;
  throw failed(purpose, `transaction "${receipt.transactionHash}" reverted`);
}

function failed(purpose: string, reason: string, cause?: unknown): WavsError {
  return new WavsError("dev_transaction_failed", {
    message: `Cannot ${purpose} because ${reason}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
