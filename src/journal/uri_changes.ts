import type { ChainKey, ServiceId } from "@/domain/mod.ts";
import type { Database } from "@/storage/mod.ts";
import type { ServiceUriChange } from "@/triggers/types.ts";
import { shorten } from "./rows.ts";
import type { UriChangeRow } from "./types.ts";

/** On-chain changes of service URIs: kept with the cursor that passed them, until they are taken over. */
export class UriChangeTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Tells whether it is new. A later change of the same service makes an earlier one that still waits pointless. */
  insert(change: ServiceUriChange, now: number): boolean {
    return this.#database.transaction(() => {
      const { changes } = this.#database.sql(
        `INSERT INTO uri_changes (service_id, chain, uri, block_number, identity, state, due_at_ms)
         VALUES (?, ?, ?, ?, ?, 'pending', ?) ON CONFLICT DO NOTHING`,
      ).run(change.serviceId, change.chain, change.uri, String(change.blockNumber), change.identity, now);
      if (changes === 0) return false;
      this.#database.sql(
        `UPDATE uri_changes SET state = 'superseded' WHERE service_id = ? AND state = 'pending' AND identity <> ?`,
      ).run(change.serviceId, change.identity);
      return true;
    });
  }

  due(now: number): UriChangeRow[] {
    return this.#database.sql(
      `SELECT id, service_id, chain, uri, block_number, attempts FROM uri_changes
       WHERE state = 'pending' AND due_at_ms <= ? ORDER BY id`,
    ).all(now).map((row) => ({
      id: row.id as number,
      serviceId: row.service_id as ServiceId,
      chain: row.chain as ChainKey,
      uri: row.uri as string,
      blockNumber: BigInt(row.block_number as string),
      attempts: row.attempts as number,
    }));
  }

  nextDueAt(now: number): number | undefined {
    const row = this.#database.sql(
      "SELECT MIN(due_at_ms) AS due FROM uri_changes WHERE state = 'pending' AND due_at_ms > ?",
    ).get(now);
    return (row?.due ?? undefined) as number | undefined;
  }

  retry(id: number, reason: string, dueAtMs: number): void {
    this.#database.sql("UPDATE uri_changes SET reason = ?, attempts = attempts + 1, due_at_ms = ? WHERE id = ?")
      .run(shorten(reason), dueAtMs, id);
  }

  end(id: number, state: "applied" | "refused", reason?: string): void {
    this.#database.sql("UPDATE uri_changes SET state = ?, reason = ? WHERE id = ?").run(state, shorten(reason), id);
  }
}
