import type { TransactionRow } from "@/aggregator/types.ts";
import {
  type AggregatorAction,
  type Bytes32,
  type ChainKey,
  decodeAggregatorAction,
  encodeAggregatorAction,
  type EvmAddress,
  type Hex,
  parseJson,
  printJson,
  type TxResult,
} from "@/domain/mod.ts";
import type { Database, Row } from "@/storage/mod.ts";
import { type Move, moveRow, optionalText, postponeRow } from "./rows.ts";
import { readSummary, type Summary } from "./submissions.ts";
import type { ActionRow, ActionState } from "./types.ts";

const COLUMNS = "id, submission_id, action, outcome, state, attempts, created_at_ms";

/** What aggregator components decided, and the transactions sent for it. */
export class ActionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  insert(
    row: {
      readonly submissionId: number;
      readonly action: AggregatorAction;
      readonly now: number;
      readonly dueAtMs: number;
    },
  ): number {
    return this.#database.sql(
      "INSERT INTO actions (submission_id, action, state, due_at_ms, created_at_ms) VALUES (?, ?, 'pending', ?, ?)",
    ).run(row.submissionId, printJson(encodeAggregatorAction(row.action)), row.dueAtMs, row.now).lastId;
  }

  get(id: number): ActionRow {
    const row = this.#database.sql(`SELECT ${COLUMNS} FROM actions WHERE id = ?`).get(id);
    if (row === undefined) throw new Error(`action row ${id} does not exist`);
    return readAction(row);
  }

  /** In the order in which the component answered them. */
  ofSubmission(submissionId: number): ActionRow[] {
    return this.#database.sql(`SELECT ${COLUMNS} FROM actions WHERE submission_id = ? ORDER BY id`)
      .all(submissionId).map(readAction);
  }

  move(
    id: number,
    from: readonly ActionState[],
    to: Move<ActionState>,
  ): void {
    moveRow(this.#database, "actions", id, from, to);
  }

  setOutcome(id: number, outcome: TxResult): void {
    const json = outcome.kind === "evm" ? { kind: "evm", txHash: outcome.txHash.toHex() } : outcome;
    this.#database.sql("UPDATE actions SET outcome = ? WHERE id = ?").run(JSON.stringify(json), id);
  }

  retry(id: number, reason: string, dueAtMs: number): void {
    postponeRow(this.#database, "actions", id, reason, dueAtMs);
  }

  due(now: number, limit: number, busy: readonly number[]): ActionRow[] {
    return this.#database.sql(
      `SELECT ${COLUMNS} FROM actions
       WHERE state IN ('pending', 'submitting', 'submitted') AND due_at_ms <= ?
         AND id NOT IN (SELECT value FROM json_each(?))
       ORDER BY id LIMIT ?`,
    ).all(now, JSON.stringify(busy), limit).map(readAction);
  }

  nextDueAt(now: number): number | undefined {
    const row = this.#database.sql(
      "SELECT MIN(due_at_ms) AS due FROM actions WHERE state IN ('pending', 'submitting', 'submitted') AND due_at_ms > ?",
    ).get(now);
    return (row?.due ?? undefined) as number | undefined;
  }

  summary(submissionId: number): Summary {
    const row = this.#database.sql(
      `SELECT SUM(state NOT IN ('final', 'dead')) AS unfinished, SUM(state = 'dead') AS dead, 0 AS orphaned,
              MAX(CASE WHEN state = 'dead' THEN reason END) AS reason
       FROM actions WHERE submission_id = ?`,
    ).get(submissionId);
    return readSummary(row);
  }

  recordTransaction(row: TransactionRow, now: number): void {
    this.#database.sql(
      `INSERT INTO transactions (hash, action_id, chain, sender, nonce, raw, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    ).run(row.hash, row.actionId, row.chain, row.from, row.nonce, row.raw, now);
  }

  /** Oldest first. */
  transactionsOf(actionId: number): TransactionRow[] {
    return this.#database.sql("SELECT * FROM transactions WHERE action_id = ? ORDER BY created_at_ms, nonce")
      .all(actionId).map((row) => ({
        actionId: row.action_id as number,
        chain: row.chain as ChainKey,
        from: row.sender as EvmAddress,
        nonce: row.nonce as number,
        hash: row.hash as Bytes32,
        raw: row.raw as Hex,
      }));
  }

  lastNonce(chain: ChainKey, from: EvmAddress): number | undefined {
    const row = this.#database.sql("SELECT MAX(nonce) AS nonce FROM transactions WHERE chain = ? AND sender = ?")
      .get(chain, from);
    return (row?.nonce ?? undefined) as number | undefined;
  }
}

function readAction(row: Row): ActionRow {
  const outcome = optionalText(row, "outcome");
  return {
    id: row.id as number,
    submissionId: row.submission_id as number,
    action: decodeAggregatorAction(parseJson(row.action as string)),
    outcome: outcome === undefined ? undefined : readOutcome(outcome),
    state: row.state as ActionState,
    attempts: row.attempts as number,
    createdAtMs: row.created_at_ms as number,
  };
}

function readOutcome(text: string): TxResult {
  const outcome = JSON.parse(text) as { kind: TxResult["kind"]; txHash: string; reason: string };
  switch (outcome.kind) {
    case "evm":
      return { kind: "evm", txHash: Uint8Array.fromHex(outcome.txHash) };
    case "cosmos":
      return { kind: "cosmos", txHash: outcome.txHash };
    case "failed":
      return { kind: "failed", reason: outcome.reason };
  }
}
