import type { RpcRequester } from "@/chains/mod.ts";
import { highest, isWavsError, type UnsignedTransaction } from "@/domain/mod.ts";
import { readBaseFee, readGasPrice, readPriorityFee } from "./rpc.ts";

export type Fees = UnsignedTransaction["fees"];

/** JSON-RPC: no such method. */
const METHOD_NOT_FOUND = -32_601;

/** An estimate with a quarter on top, in whole gas (spec/wire.md 3.6). */
export function gasLimit(estimate: bigint): bigint {
  return estimate * 5n / 4n;
}

/**
 * EIP-1559 fees that stay valid while the base fee doubles, which takes it six full blocks.
 *
 * @param baseFee of the latest block, in wei
 * @param priorityFee what the node advises to tip, in wei
 */
export function eip1559Fees(baseFee: bigint, priorityFee: bigint): Fees {
  return { kind: "eip1559", maxFeePerGas: 2n * baseFee + priorityFee, maxPriorityFeePerGas: priorityFee };
}

/** The most a unit of gas may cost, in wei. */
export function highestPrice(fees: Fees): bigint {
  switch (fees.kind) {
    case "legacy":
      return fees.gasPrice;
    case "eip1559":
      return fees.maxFeePerGas;
  }
}

/**
 * What a transaction must pay to take the place of one that paid `fees`: a quarter more, of which pools ask a tenth at
 * least, or what the chain asks for by now if that is higher. The kind stays.
 */
export function raisedFees(fees: Fees, advice: Fees): Fees {
  switch (fees.kind) {
    case "legacy":
      return { kind: "legacy", gasPrice: highest(raised(fees.gasPrice), presentPrice(advice)) };
    case "eip1559": {
      const maxPriorityFeePerGas = highest(
        raised(fees.maxPriorityFeePerGas),
        advice.kind === "eip1559" ? advice.maxPriorityFeePerGas : 0n,
      );
      const maxFeePerGas = highest(raised(fees.maxFeePerGas), highestPrice(advice), maxPriorityFeePerGas);
      return { kind: "eip1559", maxFeePerGas, maxPriorityFeePerGas };
    }
  }
}

/** A quarter more, and never the same. */
function raised(price: bigint): bigint {
  return price * 5n / 4n + 1n;
}

/** What a unit of gas costs in the next block: base fee and tip. */
function presentPrice(advice: Fees): bigint {
  return advice.kind === "legacy" ? advice.gasPrice : (advice.maxFeePerGas + advice.maxPriorityFeePerGas) / 2n;
}

/**
 * What to pay: the given price, else what the node advises; chains without a base fee get a legacy price.
 *
 * @param gasPrice the aggregator component's choice, in wei
 */
export async function readFees(rpc: RpcRequester, gasPrice: bigint | undefined): Promise<Fees> {
  if (gasPrice !== undefined) return { kind: "legacy", gasPrice };
  const baseFee = await readBaseFee(rpc);
  if (baseFee === undefined) return { kind: "legacy", gasPrice: await readGasPrice(rpc) };
  return eip1559Fees(baseFee, await readTip(rpc, baseFee));
}

/** Not every node advises on tips; the difference to its gas price is one, too. */
async function readTip(rpc: RpcRequester, baseFee: bigint): Promise<bigint> {
  try {
    return await readPriorityFee(rpc);
  } catch (error) {
    if (!isWavsError(error, "rpc_error") || error.meta.rpcCode !== METHOD_NOT_FOUND) throw error;
    const gasPrice = await readGasPrice(rpc);
    return gasPrice > baseFee ? gasPrice - baseFee : 0n;
  }
}
