import type { EventId, SubmitTarget } from "@/domain/mod.ts";
import type { Database } from "@/storage/mod.ts";
import { MAX_SWEPT_ROWS } from "./limits.ts";

/**
 * `entered`: the action is the one that brings the event. `busy`: another one does, and may fail. `burned`: the event is
 * with the handler.
 */
export type QueueState = "entered" | "busy" | "burned";

/**
 * The queues of spec/network.md 4.3: of all actions that bring one event to one handler, one does. The gas price is no
 * part of the key, it changes nothing about what lands.
 */
export class SubmitQueueTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes the queue for the action if nobody has it. */
  enter(actionId: number, eventId: EventId, { chain, address }: SubmitTarget): QueueState {
    this.#database.sql(
      "INSERT INTO submit_queues (event_id, chain, handler, action_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    ).run(eventId, chain, address, actionId);
    const queue = this.#database.sql(
      "SELECT action_id, burned_at_ms FROM submit_queues WHERE event_id = ? AND chain = ? AND handler = ?",
    ).get(eventId, chain, address);
    if (queue?.action_id === actionId) return "entered";
    return queue?.burned_at_ms === null ? "busy" : "burned";
  }

  /** The event is with the handler. */
  burn(actionId: number, now: number): void {
    this.#database.sql("UPDATE submit_queues SET burned_at_ms = ? WHERE action_id = ?").run(now, actionId);
  }

  /** The action has ended: the next one may try, unless the queue is burned. */
  leave(actionId: number): void {
    this.#database.sql("DELETE FROM submit_queues WHERE action_id = ? AND burned_at_ms IS NULL").run(actionId);
  }

  /**
   * Deletes what was burned before `expired`, at most so many rows that nobody waits for it.
   *
   * @returns how many were deleted
   */
  sweep(expired: number): number {
    return this.#database.sql(
      `DELETE FROM submit_queues WHERE (event_id, chain, handler) IN (
         SELECT event_id, chain, handler FROM submit_queues WHERE burned_at_ms < ?
         ORDER BY burned_at_ms LIMIT ${MAX_SWEPT_ROWS})`,
    ).run(expired).changes;
  }
}
