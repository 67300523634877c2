import type { RpcRequester } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { type ChainKey, WavsError } from "@/domain/mod.ts";
import type { SendingAccount } from "../types.ts";
import { Gaps } from "./gaps.ts";
import { Nonces } from "./nonces.ts";
import { Receipts } from "./receipts.ts";
import type { Sightings } from "./sightings.ts";
import { readChainId, readNonceCount } from "./rpc.ts";

export interface LaneOptions {
  readonly chain: ChainKey;
  /** What transactions are signed for; the chain must agree. */
  readonly chainId: number;
}

export interface LaneModules {
  readonly rpc: RpcRequester;
  readonly account: SendingAccount;
  readonly context: Context;
}

/** Everything the submissions of one account on one chain share. */
export interface Lane extends LaneOptions, LaneModules {
  readonly nonces: Nonces;
  readonly receipts: Receipts;
  readonly sightings: Sightings;
  /** What the latest transaction might cost at most, in wei. */
  latestCostWei: bigint | undefined;
}

/**
 * Finds out where the account stands: behind what the chain knows and behind what was ever recorded, sent or not.
 *
 * @throws WavsError `chain_id_mismatch`, and what an unreachable chain throws
 */
export async function openLane(
  options: LaneOptions,
  modules: LaneModules & { readonly sightings: Sightings },
): Promise<Lane> {
  const { rpc, account, context } = modules;
  const [actualId, count, last] = await Promise.all([
    readChainId(rpc),
    readNonceCount(rpc, account.address, "pending"),
    account.lastNonce(),
  ]);
  if (actualId !== BigInt(options.chainId)) throw chainIdMismatch(options, actualId);
  const nonces = new Nonces(Math.max(count, (last ?? -1) + 1));
  const gaps = new Gaps({ rpc, account, nonces, context, chainId: options.chainId });
  const receipts = new Receipts(rpc, {
    context,
    onGap: async (from, minedCount, lowestWaiting) => {
      if (from === account.address) await gaps.check(minedCount, lowestWaiting);
    },
  });
  return { ...options, ...modules, nonces, receipts, latestCostWei: undefined };
}

function chainIdMismatch({ chain, chainId }: LaneOptions, actualId: bigint): WavsError {
  return new WavsError("chain_id_mismatch", {
    message: `Cannot submit to chain "${chain}" because its endpoint serves chain id "${actualId}", not "${chainId}"`,
    retryable: false,
    meta: { chain, expected: chainId, actual: actualId },
  });
}
