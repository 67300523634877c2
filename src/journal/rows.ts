import type { Database, Row } from "@/storage/mod.ts";
import { journalConflict } from "./conflict.ts";
import { MAX_REASON_CHARACTERS } from "./limits.ts";

/** Tables whose rows move through states; their names are part of statements, so they are listed. */
type StatefulTable = "events" | "submissions" | "actions";

/** Where a row goes. */
export interface Move<State extends string> {
  readonly state: State;
  readonly reason?: string | undefined;
  readonly now: number;
  /** The step that is only begun again keeps its count of failures; one that was completed starts a new count. */
  readonly keepAttempts?: boolean;
}

/**
 * Moves a row from one of `from` to `to.state` and makes it due at once.
 *
 * @throws WavsError `journal_conflict` when the row is in another state
 */
export function moveRow(
  database: Database,
  table: StatefulTable,
  id: number,
  from: readonly string[],
  to: Move<string>,
): void {
  const { changes } = database.sql(
    `UPDATE ${table} SET state = ?, reason = ?, attempts = iif(?, attempts, 0), due_at_ms = ?
     WHERE id = ? AND state IN (SELECT value FROM json_each(?))`,
  ).run(to.state, shorten(to.reason), to.keepAttempts === true ? 1 : 0, to.now, id, JSON.stringify(from));
  if (changes === 0) throw journalConflict(table, id, to.state);
}

/** Keeps a row where it is, one failed attempt more, not to be touched before `dueAtMs`. */
export function postponeRow(
  database: Database,
  table: StatefulTable,
  id: number,
  reason: string,
  dueAtMs: number,
): void {
  database.sql(`UPDATE ${table} SET reason = ?, attempts = attempts + 1, due_at_ms = ? WHERE id = ?`)
    .run(shorten(reason), dueAtMs, id);
}

export function shorten(reason: string | undefined): string | null {
  return reason === undefined ? null : reason.slice(0, MAX_REASON_CHARACTERS);
}

export function optionalText(row: Row, column: string): string | undefined {
  return (row[column] ?? undefined) as string | undefined;
}

export function optionalBytes(row: Row, column: string): Uint8Array | undefined {
  return (row[column] ?? undefined) as Uint8Array | undefined;
}
