import { WavsError } from "@/domain/errors.ts";
import { parseHex } from "@/domain/hex.ts";
import type { EvmAddress, Hex } from "@/domain/ids.ts";
import { invalidAnswer } from "./errors.ts";
import { parseQuantity, quantity } from "./shapes.ts";
import type { RpcRequester } from "./types.ts";

export interface ContractCall {
  readonly to: EvmAddress;
  readonly data: Hex;
  readonly from?: EvmAddress;
}

/** JSON-RPC's own code for a call that reverted; not every node uses it. */
const REVERTED = 3;

/** The number of the latest block. */
export async function readBlockNumber(rpc: RpcRequester): Promise<bigint> {
  return parseQuantity(await rpc.request("eth_blockNumber", []));
}

/** The code of a contract; `0x` where there is none. */
export async function readCode(rpc: RpcRequester, address: EvmAddress): Promise<Hex> {
  return parseBytes(await rpc.request("eth_getCode", [address, "latest"]));
}

/**
 * Calls a contract without sending anything.
 *
 * @param block its number; default the latest
 * @throws WavsError `rpc_error`; when the contract reverted {@link revertDataOf} reads why
 */
export async function callContract(rpc: RpcRequester, call: ContractCall, block?: bigint): Promise<Hex> {
  return parseBytes(await rpc.request("eth_call", [call, block === undefined ? "latest" : quantity(block)]));
}

/** What a contract said when it reverted, `0x` when it said nothing; `undefined` when `error` is no revert. */
export function revertDataOf(error: unknown): Hex | undefined {
  if (!(error instanceof WavsError) || error.code !== "rpc_error") return undefined;
  const { data, rpcCode, rpcMessage } = error.meta;
  if (typeof data === "string") return data.toLowerCase() as Hex;
  return rpcCode === REVERTED || /\brevert/i.test(String(rpcMessage)) ? "0x" : undefined;
}

function parseBytes(value: unknown): Hex {
  if (typeof value !== "string" || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) throw invalidAnswer("hex bytes", value);
  return parseHex(value);
}
