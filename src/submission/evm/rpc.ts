import { parseHash, parseQuantity, quantity, type RpcRequester } from "@/chains/mod.ts";
import { type Bytes32, type EvmAddress, type Hex, parseEvmAddress, WavsError } from "@/domain/mod.ts";

/** As much of a receipt as a submission reports. */
export interface Receipt {
  readonly hash: Bytes32;
  readonly succeeded: boolean;
  readonly blockNumber: bigint;
  readonly blockHash: Bytes32;
  readonly gasUsed: bigint;
}

/** A 256-bit quantity; wei amounts exceed the 64 bits of all others. */
const AMOUNT = /^0x[0-9a-fA-F]{1,64}$/;

export async function readChainId(rpc: RpcRequester): Promise<bigint> {
  return parseQuantity(await rpc.request("eth_chainId", []));
}

/** @param block `latest` counts what is mined, `pending` also what waits in the endpoint's pool without a gap */
export async function readNonceCount(
  rpc: RpcRequester,
  address: EvmAddress,
  block: "latest" | "pending",
): Promise<number> {
  return Number(parseQuantity(await rpc.request("eth_getTransactionCount", [address, block])));
}

/** In wei. */
export async function readBalance(rpc: RpcRequester, address: EvmAddress): Promise<bigint> {
  return parseAmount(await rpc.request("eth_getBalance", [address, "latest"]));
}

/** In wei; `undefined` on a chain without EIP-1559. */
export async function readBaseFee(rpc: RpcRequester): Promise<bigint | undefined> {
  const block = asRecord(await rpc.request("eth_getBlockByNumber", ["latest", false]), "a block");
  return block.baseFeePerGas === undefined || block.baseFeePerGas === null
    ? undefined
    : parseAmount(block.baseFeePerGas);
}

/** In wei. */
export async function readGasPrice(rpc: RpcRequester): Promise<bigint> {
  return parseAmount(await rpc.request("eth_gasPrice", []));
}

/** In wei. */
export async function readPriorityFee(rpc: RpcRequester): Promise<bigint> {
  return parseAmount(await rpc.request("eth_maxPriorityFeePerGas", []));
}

/** Judged by what is mined: a transaction that only waits in a pool may never count. */
export async function estimateGas(
  rpc: RpcRequester,
  call: { readonly from: EvmAddress; readonly to: EvmAddress; readonly data: Hex },
): Promise<bigint> {
  return parseQuantity(await rpc.request("eth_estimateGas", [call, "latest"]));
}

/** `undefined` while the transaction is not mined. */
export async function readReceipt(rpc: RpcRequester, hash: Bytes32): Promise<Receipt | undefined> {
  const answer = await rpc.request("eth_getTransactionReceipt", [hash]);
  if (answer === null) return undefined;
  const { status, blockNumber, blockHash, gasUsed } = asRecord(answer, "a receipt");
  return {
    hash,
    succeeded: parseQuantity(status) === 1n,
    blockNumber: parseQuantity(blockNumber),
    blockHash: parseHash(blockHash),
    gasUsed: parseQuantity(gasUsed),
  };
}

/** As much of a transaction as says what it calls. */
export interface CallTransaction {
  readonly hash: Bytes32;
  readonly to: EvmAddress | undefined;
  readonly data: string;
  readonly isMined: boolean;
}

/** `undefined` when the endpoint does not know it, mined or not. */
export async function readTransaction(rpc: RpcRequester, hash: Bytes32): Promise<CallTransaction | undefined> {
  const answer = await rpc.request("eth_getTransactionByHash", [hash]);
  return answer === null ? undefined : parseTransaction(answer);
}

/** What was sent in a block; nothing when the endpoint does not have it (yet). */
export async function readBlockTransactions(rpc: RpcRequester, number: bigint): Promise<readonly CallTransaction[]> {
  const answer = await rpc.request("eth_getBlockByNumber", [quantity(number), true]);
  if (answer === null) return [];
  const { transactions } = asRecord(answer, "a block");
  if (!Array.isArray(transactions)) throw invalidAnswer("a block with its transactions");
  return transactions.map(parseTransaction);
}

function parseTransaction(value: unknown): CallTransaction {
  const { hash, to, input, blockNumber } = asRecord(value, "a transaction");
  return {
    hash: parseHash(hash),
    to: typeof to === "string" ? parseEvmAddress(to) : undefined,
    data: typeof input === "string" ? input : "0x",
    isMined: typeof blockNumber === "string",
  };
}

export async function sendRaw(rpc: RpcRequester, raw: Hex): Promise<void> {
  await rpc.request("eth_sendRawTransaction", [raw]);
}

function parseAmount(value: unknown): bigint {
  if (typeof value === "string" && AMOUNT.test(value)) return BigInt(value);
  throw invalidAnswer("an amount of wei");
}

function asRecord(value: unknown, expected: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw invalidAnswer(expected);
}

function invalidAnswer(expected: string): WavsError {
  return new WavsError("rpc_invalid_answer", {
    message: `Cannot use the answer of the endpoint because it should hold ${expected}`,
    retryable: true,
  });
}
