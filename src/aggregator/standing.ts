import { parseHeader, quantity, readBlockNumber, type RpcRequester } from "@/chains/mod.ts";
import { MAX_STANDING_REQUESTS } from "./limits.ts";
import type { BlockName, Standing } from "./types.ts";

/** Asks a chain which of these blocks it still has. @throws WavsError what its endpoint fails with */
export async function readStanding(rpc: RpcRequester, blocks: readonly BlockName[]): Promise<Standing> {
  const head = await readBlockNumber(rpc);
  // An endpoint that is behind says nothing of what it has not seen.
  const known = blocks.filter(({ number }) => number <= head);
  const gone: BlockName[] = [];
  for (let start = 0; start < known.length; start += MAX_STANDING_REQUESTS) {
    const part = known.slice(start, start + MAX_STANDING_REQUESTS);
    const stand = await Promise.all(part.map((block) => stands(rpc, block)));
    gone.push(...part.filter((_, index) => stand[index] === false));
  }
  return { head, gone };
}

async function stands(rpc: RpcRequester, { number, hash }: BlockName): Promise<boolean> {
  const answer = await rpc.request("eth_getBlockByNumber", [quantity(number), false]);
  return answer !== null && parseHeader(answer).hash === hash;
}
