import { quantity } from "@/chains/mod.ts";
import type { Bytes32 } from "@/domain/ids.ts";
import { MAX_ADDRESSES_PER_QUERY } from "./limits.ts";
import type { LogFilter } from "./watchlist.ts";

/** One question for `eth_getLogs`. */
export interface LogQuery extends LogFilter {
  /**
   * A block by its hash, or a range with both ends included. Only by hash is it certain that "no logs" is not said by a
   * node that does not know the block yet.
   */
  readonly blocks:
    | { readonly kind: "hash"; readonly hash: Bytes32; readonly number: bigint }
    | { readonly kind: "range"; readonly from: bigint; readonly to: bigint };
}

/** The parameters of `eth_getLogs`. */
export function logQueryParams({ blocks, addresses, topics }: LogQuery): readonly unknown[] {
  const where = blocks.kind === "hash"
    ? { blockHash: blocks.hash }
    : { fromBlock: quantity(blocks.from), toBlock: quantity(blocks.to) };
  return [{ ...where, ...logFilterParams({ addresses, topics }) }];
}

/** The parameters of a `logs` subscription; never empty, since an empty filter means all logs of the chain. */
export function logFilterParams({ addresses, topics }: LogFilter): Record<string, unknown> {
  return { address: addresses, topics: [topics] };
}

/** The queries that together ask for everything `filter` means; none for an empty one. */
export function logQueries(filter: LogFilter, blocks: LogQuery["blocks"]): readonly LogQuery[] {
  const queries: LogQuery[] = [];
  for (let start = 0; start < filter.addresses.length; start += MAX_ADDRESSES_PER_QUERY) {
    const addresses = filter.addresses.slice(start, start + MAX_ADDRESSES_PER_QUERY);
    queries.push({ addresses, topics: filter.topics, blocks });
  }
  return queries;
}

/**
 * Two queries that together ask for the same logs, for a provider that finds this one too large: first the blocks are
 * halved, then addresses, then topics.
 *
 * @returns `undefined` when nothing is left to halve
 */
export function halve(query: LogQuery): readonly [LogQuery, LogQuery] | undefined {
  const { blocks, addresses, topics } = query;
  if (blocks.kind === "range" && blocks.from < blocks.to) {
    const middle = (blocks.from + blocks.to) / 2n;
    return [
      { ...query, blocks: { ...blocks, to: middle } },
      { ...query, blocks: { ...blocks, from: middle + 1n } },
    ];
  }
  if (addresses.length > 1) {
    const [first, second] = halves(addresses);
    return [{ ...query, addresses: first }, { ...query, addresses: second }];
  }
  if (topics.length > 1) {
    const [first, second] = halves(topics);
    return [{ ...query, topics: first }, { ...query, topics: second }];
  }
  return undefined;
}

/** Whether `block` is among those asked about; a provider that answers with others is not to be trusted. */
export function covers(
  blocks: LogQuery["blocks"],
  block: { readonly number: bigint; readonly hash: Bytes32 },
): boolean {
  return blocks.kind === "hash" ? block.hash === blocks.hash : block.number >= blocks.from && block.number <= blocks.to;
}

function halves<T>(values: readonly T[]): [readonly T[], readonly T[]] {
  const middle = values.length >> 1;
  return [values.slice(0, middle), values.slice(middle)];
}
