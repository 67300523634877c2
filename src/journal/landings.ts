import type { Bytes32, ChainKey, Landing } from "@/domain/mod.ts";
import type { Database, Row } from "@/storage/mod.ts";
import { MAX_BLOCKS_PER_LOOK } from "./limits.ts";

/** A landing whose block a reorg took away. */
export interface LostLanding {
  /** Of its action. */
  readonly id: number;
  readonly chain: ChainKey;
  readonly landing: Landing;
  readonly lostSinceMs: number;
  /** How often it was tried to bring it back. */
  readonly attempts: number;
}

/** Where the transactions of actions took effect, for as long as a reorg may undo that. */
export class LandingTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The first time, or again after its block was lost. */
  record(actionId: number, chain: ChainKey, { txHash, blockNumber, blockHash }: Landing): void {
    this.#database.sql(
      `INSERT INTO landings (action_id, chain, tx_hash, block_number, block_hash) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (action_id) DO UPDATE SET chain = excluded.chain, tx_hash = excluded.tx_hash,
         block_number = excluded.block_number, block_hash = excluded.block_hash,
         lost_since_ms = NULL, attempts = 0, due_at_ms = NULL`,
    ).run(actionId, chain, txHash, Number(blockNumber), blockHash);
  }

  /** Those on which something has landed that is not settled. */
  chains(): ChainKey[] {
    return this.#database.sql("SELECT DISTINCT chain FROM landings WHERE due_at_ms IS NULL").all()
      .map((row) => row.chain as ChainKey);
  }

  /** In which something of the chain has landed that is not settled, the lowest first. */
  blocks(chain: ChainKey): { readonly number: bigint; readonly hash: Bytes32 }[] {
    return this.#database.sql(
      `SELECT DISTINCT block_number, block_hash FROM landings WHERE chain = ? AND due_at_ms IS NULL
       ORDER BY block_number LIMIT ?`,
    ).all(chain, MAX_BLOCKS_PER_LOOK).map((row) => ({
      number: BigInt(row.block_number as number),
      hash: row.block_hash as Bytes32,
    }));
  }

  /** A reorg took the block away: what landed in it is due. Returns how much that is. */
  lose(chain: ChainKey, blockHash: Bytes32, now: number): number {
    return this.#database.sql(
      `UPDATE landings SET due_at_ms = ?1, lost_since_ms = ?1 WHERE chain = ?2 AND block_hash = ?3 AND due_at_ms IS NULL`,
    ).run(now, chain, blockHash).changes;
  }

  /** What landed up to this block is there for good. */
  settle(chain: ChainKey, upTo: bigint): void {
    this.#database.sql("DELETE FROM landings WHERE chain = ? AND block_number <= ? AND due_at_ms IS NULL")
      .run(chain, Number(upTo));
  }

  due(now: number, limit: number, busy: readonly number[]): LostLanding[] {
    return this.#database.sql(
      `SELECT * FROM landings WHERE due_at_ms <= ? AND action_id NOT IN (SELECT value FROM json_each(?))
       ORDER BY action_id LIMIT ?`,
    ).all(now, JSON.stringify(busy), limit).map(readLost);
  }

  nextDueAt(now: number): number | undefined {
    const row = this.#database.sql("SELECT MIN(due_at_ms) AS due FROM landings WHERE due_at_ms > ?").get(now);
    return (row?.due ?? undefined) as number | undefined;
  }

  retry(actionId: number, dueAtMs: number): void {
    this.#database.sql("UPDATE landings SET attempts = attempts + 1, due_at_ms = ? WHERE action_id = ?")
      .run(dueAtMs, actionId);
  }

  /** Nothing more is done about it. */
  forget(actionId: number): void {
    this.#database.sql("DELETE FROM landings WHERE action_id = ?").run(actionId);
  }
}

function readLost(row: Row): LostLanding {
  return {
    id: row.action_id as number,
    chain: row.chain as ChainKey,
    landing: {
      txHash: row.tx_hash as Bytes32,
      blockNumber: BigInt(row.block_number as number),
      blockHash: row.block_hash as Bytes32,
    },
    lostSinceMs: row.lost_since_ms as number,
    attempts: row.attempts as number,
  };
}
