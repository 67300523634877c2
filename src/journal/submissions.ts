import type { EventId, EvmAddress, ServiceId, WasmResponse } from "@/domain/mod.ts";
import type { Database, Row } from "@/storage/mod.ts";
import { type Move, moveRow, optionalBytes, optionalText, postponeRow } from "./rows.ts";
import type { SubmissionRow, SubmissionState } from "./types.ts";

const COLUMNS =
  "id, event_row, event_id, payload, ordering, salt, signer, signature, state, reason, attempts, publish_attempts, created_at_ms";

/** How far the rows below one parent have got. */
export interface Summary {
  readonly unfinished: number;
  readonly dead: number;
  readonly orphaned: number;
  /** Of one that did not end well. */
  readonly reason: string | undefined;
}

/** The responses of operator components on their way to the chain. */
export class SubmissionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(
    submission: {
      readonly eventRow: number;
      readonly position: number;
      readonly eventId: EventId;
      readonly response: WasmResponse;
      readonly now: number;
    },
  ): number {
    const { response, now } = submission;
    return this.#database.sql(
      `INSERT INTO submissions (event_row, position, event_id, payload, ordering, salt, state, due_at_ms, created_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, 'unsigned', ?, ?)`,
    ).run(
      submission.eventRow,
      submission.position,
      submission.eventId,
      response.payload,
      response.ordering === undefined ? null : String(response.ordering),
      response.eventIdSalt ?? null,
      now,
      now,
    ).lastId;
  }

  get(id: number): SubmissionRow {
    const row = this.#database.sql(`SELECT ${COLUMNS} FROM submissions WHERE id = ?`).get(id);
    if (row === undefined) throw new Error(`submission row ${id} does not exist`);
    return readSubmission(row);
  }

  ofEventId(eventId: EventId): SubmissionRow[] {
    return this.#database.sql(`SELECT ${COLUMNS} FROM submissions WHERE event_id = ? ORDER BY id`)
      .all(eventId).map(readSubmission);
  }

  /** In the order in which the component answered them. */
  ofEvent(eventRow: number): SubmissionRow[] {
    return this.#database.sql(`SELECT ${COLUMNS} FROM submissions WHERE event_row = ? ORDER BY position`)
      .all(eventRow).map(readSubmission);
  }

  move(
    id: number,
    from: readonly SubmissionState[],
    to: Move<SubmissionState>,
  ): void {
    moveRow(this.#database, "submissions", id, from, to);
  }

  /** It is to be published from now on. */
  setSignature(
    id: number,
    { signer, bytes }: { readonly signer: string; readonly bytes: Uint8Array },
    now: number,
  ): void {
    this.#database.sql("UPDATE submissions SET signer = ?, signature = ?, publish_due_at_ms = ? WHERE id = ?")
      .run(signer, bytes, now, id);
  }

  /** What waits for a quorum on this event is worth another look at once. */
  wake(eventId: EventId, now: number): void {
    this.#database.sql(
      "UPDATE submissions SET due_at_ms = ?1 WHERE event_id = ?2 AND state = 'signed' AND due_at_ms > ?1",
    )
      .run(now, eventId);
  }

  /** Oldest first: what peers are to be told, again or for the first time. */
  publishable(now: number, limit: number, busy: readonly number[]): SubmissionRow[] {
    return this.#database.sql(
      `SELECT ${COLUMNS} FROM submissions
       WHERE publish_due_at_ms <= ? AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`,
    ).all(now, JSON.stringify(busy), limit).map(readSubmission);
  }

  nextPublishAt(now: number): number | undefined {
    const row = this.#database.sql(
      "SELECT MIN(publish_due_at_ms) AS due FROM submissions WHERE publish_due_at_ms > ?",
    ).get(now);
    return (row?.due ?? undefined) as number | undefined;
  }

  /** @param dueAtMs when it is to be published next; `undefined` when it need not be any more */
  published(id: number, { peers, dueAtMs }: { readonly peers: number; readonly dueAtMs: number | undefined }): void {
    this.#database.sql(
      "UPDATE submissions SET publish_due_at_ms = ?, publish_attempts = publish_attempts + iif(? > 0, 1, 0) WHERE id = ?",
    ).run(dueAtMs ?? null, peers, id);
  }

  /** Peers need not be told again; what was never published still is, once. */
  endPublishing(id: number): void {
    this.#database.sql("UPDATE submissions SET publish_due_at_ms = NULL WHERE id = ? AND publish_attempts > 0").run(id);
  }

  /** The latest of a service that are signed and not older than `sinceMs`, the latest first. */
  latestSigned(
    serviceId: ServiceId,
    { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
  ): SubmissionRow[] {
    return this.#database.sql(
      `SELECT ${COLUMNS.split(", ").map((column) => `s.${column}`).join(", ")} FROM submissions s
       JOIN events e ON e.id = s.event_row
       WHERE e.service_id = ? AND s.signature IS NOT NULL AND s.created_at_ms >= ? ORDER BY s.id DESC LIMIT ?`,
    ).all(serviceId, sinceMs, limit).map(readSubmission);
  }

  retry(id: number, reason: string, dueAtMs: number): void {
    postponeRow(this.#database, "submissions", id, reason, dueAtMs);
  }

  /** Oldest first: what waits to be signed, agreed on, or handed to the aggregator component, and is due. */
  due(now: number, limit: number, busy: readonly number[]): SubmissionRow[] {
    return this.#database.sql(
      `SELECT ${COLUMNS} FROM submissions
       WHERE state IN ('unsigned', 'signed', 'quorum') AND due_at_ms <= ?
         AND id NOT IN (SELECT value FROM json_each(?))
       ORDER BY id LIMIT ?`,
    ).all(now, JSON.stringify(busy), limit).map(readSubmission);
  }

  nextDueAt(now: number): number | undefined {
    const row = this.#database.sql(
      "SELECT MIN(due_at_ms) AS due FROM submissions WHERE state IN ('unsigned', 'signed', 'quorum') AND due_at_ms > ?",
    ).get(now);
    return (row?.due ?? undefined) as number | undefined;
  }

  anySigned(eventRow: number): boolean {
    return this.#database.sql("SELECT 1 FROM submissions WHERE event_row = ? AND state <> 'unsigned' LIMIT 1")
      .get(eventRow) !== undefined;
  }

  orphanUnsigned(eventRow: number, reason: string): void {
    this.#database.sql(
      "UPDATE submissions SET state = 'orphaned', reason = ? WHERE event_row = ? AND state = 'unsigned'",
    )
      .run(reason, eventRow);
  }

  summary(eventRow: number): Summary {
    const row = this.#database.sql(
      `SELECT SUM(state NOT IN ('final', 'dead', 'orphaned')) AS unfinished, SUM(state = 'dead') AS dead,
              SUM(state = 'orphaned') AS orphaned, MAX(CASE WHEN state IN ('dead', 'orphaned') THEN reason END) AS reason
       FROM submissions WHERE event_row = ?`,
    ).get(eventRow);
    return readSummary(row);
  }
}

export function readSummary(row: Row | undefined): Summary {
  return {
    unfinished: Number(row?.unfinished ?? 0),
    dead: Number(row?.dead ?? 0),
    orphaned: Number(row?.orphaned ?? 0),
    reason: row === undefined ? undefined : optionalText(row, "reason"),
  };
}

function readSubmission(row: Row): SubmissionRow {
  const ordering = optionalText(row, "ordering");
  return {
    id: row.id as number,
    eventRow: row.event_row as number,
    eventId: row.event_id as EventId,
    response: {
      payload: row.payload as Uint8Array,
      ordering: ordering === undefined ? undefined : BigInt(ordering),
      eventIdSalt: optionalBytes(row, "salt"),
    },
    signer: optionalText(row, "signer") as EvmAddress | undefined,
    signature: optionalBytes(row, "signature"),
    state: row.state as SubmissionState,
    reason: optionalText(row, "reason"),
    attempts: row.attempts as number,
    publishAttempts: row.publish_attempts as number,
    createdAtMs: row.created_at_ms as number,
  };
}
