import { checkEvmChain } from "@/chains/mod.ts";
import type { Context } from "@/context/mod.ts";
import { type ChainConfig, describeError, type EvmChainConfig } from "@/domain/mod.ts";
import { HEALTH_CHECK_TIMEOUT_MS } from "./limits.ts";
import type { ChainHealth } from "./types.ts";

/** Checks every chain at once, in bounded time (spec/wire.md 6.6). It never throws. */
export function checkChains(chains: readonly ChainConfig[], context: Context): Promise<ChainHealth[]> {
  return Promise.all(chains.map((chain) => checkChain(chain, context)));
}

async function checkChain(chain: ChainConfig, context: Context): Promise<ChainHealth> {
  if (chain.kind === "cosmos") {
    return { chain: chain.key, error: `[${chain.key}] kind: this node does not speak to Cosmos chains` };
  }
  const done = new AbortController();
  const tooSlow = context.clock.sleep(HEALTH_CHECK_TIMEOUT_MS, done.signal).then(() =>
    `[${chain.key}] endpoints: no answer within ${HEALTH_CHECK_TIMEOUT_MS} ms`
  );
  const error = await Promise.race([problemOf(chain, context), tooSlow]);
  done.abort();
  return { chain: chain.key, error };
}

async function problemOf(chain: EvmChainConfig, context: Context): Promise<string | undefined> {
  try {
    await checkEvmChain(chain, context);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
