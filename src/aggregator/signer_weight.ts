import { decodeFunctionResult, encodeFunctionData, zeroAddress } from "viem";
import { callContract, revertDataOf, type RpcRequester } from "@/chains/mod.ts";
import { type EvmAddress, type Hex, SERVICE_MANAGER_ABI, WavsError } from "@/domain/mod.ts";

/**
 * What a signing key weighs at the latest block, in the manager's own units; zero when it belongs to no operator
 * (spec/wire.md 4.1).
 *
 * @throws WavsError `no_service_manager` when the address does not answer like one, and what an unreachable chain throws
 */
export async function readSignerWeight(rpc: RpcRequester, manager: EvmAddress, signer: EvmAddress): Promise<bigint> {
  const operator = await operatorOf(rpc, manager, signer);
  if (operator === undefined || operator === zeroAddress) return 0n;
  const call = { abi: SERVICE_MANAGER_ABI, functionName: "getOperatorWeight", args: [operator] } as const;
  const data = await ask(rpc, manager, encodeFunctionData(call));
  return data === undefined ? 0n : decode(manager, () => decodeFunctionResult({ ...call, data }));
}

async function operatorOf(rpc: RpcRequester, manager: EvmAddress, signer: EvmAddress): Promise<Hex | undefined> {
  const call = { abi: SERVICE_MANAGER_ABI, functionName: "getLatestOperatorForSigningKey", args: [signer] } as const;
  const data = await ask(rpc, manager, encodeFunctionData(call));
  return data === undefined ? undefined : decode(manager, () => decodeFunctionResult({ ...call, data }));
}

/** `undefined` when the manager reverted, which some do about keys they do not know. */
async function ask(rpc: RpcRequester, to: EvmAddress, data: Hex): Promise<Hex | undefined> {
  try {
    return await callContract(rpc, { to, data });
  } catch (error) {
    if (revertDataOf(error) === undefined) throw error;
    return undefined;
  }
}

function decode<Value>(manager: EvmAddress, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new WavsError("no_service_manager", {
      message: `Cannot weigh a signing key because there is no service manager at "${manager}"`,
      retryable: false,
      meta: { manager },
      cause,
    });
  }
}
