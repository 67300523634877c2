import {
  type Bytes32,
  type ChainKey,
  decodeTrigger,
  decodeTriggerData,
  encodeTrigger,
  encodeTriggerData,
  parseJson,
  printJson,
  type ServiceId,
  type WorkflowId,
} from "@/domain/mod.ts";
import type { ExecutionReport } from "@/engine/types.ts";
import type { Database, Row } from "@/storage/mod.ts";
import type { DetectedEvent, RecordedBlock, RecordedRange } from "@/triggers/types.ts";
import { MAX_EXECUTIONS_PER_EVENT } from "./limits.ts";
import { type Move, moveRow, optionalText, shorten } from "./rows.ts";
import type { EventRow, EventState } from "./types.ts";

/** An execution as it is kept for whoever asks later what happened. */
export interface ExecutionRecord {
  readonly eventRow: number;
  readonly invocation: string;
  readonly report: ExecutionReport;
  readonly error: string | undefined;
}

const COLUMNS = "id, service_id, workflow_id, trigger, data, state, reason, attempts, detected_at_ms";

/** The triggers that fired. */
export class EventTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Returns the row when there is something to do: it is new, or a reorg that had withdrawn it was itself undone.
   * `undefined` when this trigger is known already.
   */
  insert(event: DetectedEvent, now: number): number | undefined {
    return this.#insertNew(event, now) ?? this.#revive(event, now);
  }

  #insertNew(event: DetectedEvent, now: number): number | undefined {
    const { changes, lastId } = this.#database.sql(
      `INSERT INTO events (service_id, workflow_id, identity, trigger, data, chain, block_number, block_hash, state,
                           due_at_ms, detected_at_ms, updated_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'detected', ?, ?, ?) ON CONFLICT DO NOTHING`,
    ).run(
      event.serviceId,
      event.workflowId,
      event.identity,
      printJson(encodeTrigger(event.trigger)),
      printJson(encodeTriggerData(event.data)),
      event.block?.chain ?? null,
      event.block === undefined ? null : String(event.block.number),
      event.block?.hash ?? null,
      now,
      event.detectedAtMs,
      now,
    );
    return changes === 0 ? undefined : lastId;
  }

  /** A chain can go from A to B and back to A: what stood in A happened after all, under the same identity. */
  #revive(event: DetectedEvent, now: number): number | undefined {
    const row = this.#database.sql(
      "SELECT id FROM events WHERE service_id = ? AND workflow_id = ? AND identity = ? AND state = 'orphaned'",
    ).get(event.serviceId, event.workflowId, event.identity);
    if (row === undefined) return undefined;
    const id = row.id as number;
    // Whatever it answered before was never signed; it is executed anew.
    this.#database.sql("DELETE FROM submissions WHERE event_row = ?").run(id);
    this.move(id, ["orphaned"], { state: "detected", now });
    return id;
  }

  get(id: number): EventRow {
    const row = this.#database.sql(`SELECT ${COLUMNS} FROM events WHERE id = ?`).get(id);
    if (row === undefined) throw new Error(`event row ${id} does not exist`);
    return readEvent(row);
  }

  move(
    id: number,
    from: readonly EventState[],
    to: Move<EventState>,
  ): void {
    moveRow(this.#database, "events", id, from, to);
    this.#database.sql("UPDATE events SET updated_at_ms = ? WHERE id = ?").run(to.now, id);
  }

  retry(id: number, reason: string, dueAtMs: number, now: number): void {
    this.#database.sql(
      `UPDATE events SET state = 'detected', reason = ?, attempts = attempts + 1, due_at_ms = ?, updated_at_ms = ?
       WHERE id = ? AND state = 'executing'`,
    ).run(shorten(reason), dueAtMs, now, id);
  }

  /** @param except rows that are being executed indeed */
  resetExecuting(now: number, except: readonly number[]): number {
    return this.#database.sql(
      `UPDATE events SET state = 'detected', due_at_ms = ?
       WHERE state = 'executing' AND id NOT IN (SELECT value FROM json_each(?))`,
    ).run(now, JSON.stringify(except)).changes;
  }

  /** Services that have something to execute now. */
  dueServices(now: number): ServiceId[] {
    return this.#database.sql("SELECT DISTINCT service_id FROM events WHERE state = 'detected' AND due_at_ms <= ?")
      .all(now).map((row) => row.service_id as ServiceId);
  }

  /** The service's oldest event to execute now, leaving out workflows that are busy enough. */
  oldestDue(serviceId: ServiceId, now: number, busy: readonly WorkflowId[]): EventRow | undefined {
    const row = this.#database.sql(
      `SELECT ${COLUMNS} FROM events
       WHERE state = 'detected' AND service_id = ? AND due_at_ms <= ?
         AND workflow_id NOT IN (SELECT value FROM json_each(?))
       ORDER BY id LIMIT 1`,
    ).get(serviceId, now, JSON.stringify(busy));
    return row === undefined ? undefined : readEvent(row);
  }

  /** When the next one that is not due yet becomes so. */
  nextDueAt(now: number): number | undefined {
    const row = this.#database.sql(
      "SELECT MIN(due_at_ms) AS due FROM events WHERE state = 'detected' AND due_at_ms > ?",
    ).get(now);
    return (row?.due ?? undefined) as number | undefined;
  }

  unfinishedInBlock(chain: ChainKey, hash: Bytes32): { readonly id: number; readonly state: EventState }[] {
    return this.#database.sql(
      `SELECT id, state FROM events
       WHERE chain = ? AND block_hash = ? AND state IN ('detected', 'executing', 'executed')`,
    ).all(chain, hash).map((row) => ({ id: row.id as number, state: row.state as EventState }));
  }

  /** The row of one occurrence of a trigger. */
  find(
    { serviceId, workflowId, identity }: Pick<DetectedEvent, "serviceId" | "workflowId" | "identity">,
  ): EventRow | undefined {
    const row = this.#database.sql(
      `SELECT ${COLUMNS} FROM events WHERE service_id = ? AND workflow_id = ? AND identity = ?`,
    ).get(serviceId, workflowId, identity);
    return row === undefined ? undefined : readEvent(row);
  }

  /** All rows of one occurrence, which may have fired several workflows. */
  ofIdentity(identity: string): EventRow[] {
    return this.#database.sql(`SELECT ${COLUMNS} FROM events WHERE identity = ? ORDER BY id`).all(identity).map(
      readEvent,
    );
  }

  /** The lowest height of a chain with a recorded event. */
  firstHeight(chain: ChainKey): bigint | undefined {
    const row = this.#database.sql(
      "SELECT CAST(MIN(CAST(block_number AS INTEGER)) AS TEXT) AS height FROM events WHERE chain = ?",
    ).get(chain);
    return row?.height === null || row === undefined ? undefined : BigInt(row.height as string);
  }

  /** The blocks of a chain above a height that have events which stand, the latest first. */
  blocksAbove({ chain, above, limit }: RecordedRange): RecordedBlock[] {
    return this.#database.sql(
      `SELECT DISTINCT block_hash, block_number FROM events
       WHERE chain = ? AND CAST(block_number AS INTEGER) > CAST(? AS INTEGER) AND state <> 'orphaned'
       ORDER BY CAST(block_number AS INTEGER) DESC LIMIT ?`,
    ).all(chain, String(above), limit).map((row) => ({
      number: BigInt(row.block_number as string),
      hash: row.block_hash as Bytes32,
    }));
  }

  /** Counts per state, for health and metrics. */
  counts(): ReadonlyMap<EventState, number> {
    const rows = this.#database.sql("SELECT state, COUNT(*) AS count FROM events GROUP BY state").all();
    return new Map(rows.map((row) => [row.state as EventState, row.count as number]));
  }

  /** What the latest execution of an event cost. */
  lastExecution(eventRow: number): { readonly fuelUsed: bigint; readonly elapsedMs: number } | undefined {
    const row = this.#database.sql(
      "SELECT fuel_used, elapsed_ms FROM executions WHERE event_row = ? ORDER BY id DESC LIMIT 1",
    ).get(eventRow);
    if (row === undefined) return undefined;
    return { fuelUsed: BigInt(row.fuel_used as string), elapsedMs: row.elapsed_ms as number };
  }

  recordExecution(record: ExecutionRecord, now: number): void {
    this.#database.transaction(() => {
      this.#database.sql(
        `INSERT INTO executions (event_row, invocation, error, fuel_used, elapsed_ms, logs, at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        record.eventRow,
        record.invocation,
        shorten(record.error),
        String(record.report.fuelUsed),
        record.report.elapsedMs,
        JSON.stringify(record.report.logs),
        now,
      );
      this.#database.sql(
        `DELETE FROM executions WHERE event_row = ?1 AND id NOT IN
           (SELECT id FROM executions WHERE event_row = ?1 ORDER BY id DESC LIMIT ${MAX_EXECUTIONS_PER_EVENT})`,
      ).run(record.eventRow);
    });
  }
}

function readEvent(row: Row): EventRow {
  return {
    id: row.id as number,
    serviceId: row.service_id as ServiceId,
    workflowId: row.workflow_id as WorkflowId,
    action: {
      config: {
        serviceId: row.service_id as ServiceId,
        workflowId: row.workflow_id as WorkflowId,
        trigger: decodeTrigger(parseJson(row.trigger as string)),
      },
      data: decodeTriggerData(parseJson(row.data as string)),
    },
    state: row.state as EventState,
    reason: optionalText(row, "reason"),
    attempts: row.attempts as number,
    detectedAtMs: row.detected_at_ms as number,
  };
}
