import type { Clock } from "@/context/mod.ts";
import type {
  AggregatorAction,
  Bytes32,
  ChainKey,
  EventId,
  Hex,
  Landing,
  ServiceId,
  TransactionRow,
  TxResult,
  WasmResponse,
} from "@/domain/mod.ts";
import type { Database } from "@/storage/mod.ts";
import type { KeyValueWrites } from "@/engine/types.ts";
import type { SourceBatch } from "@/triggers/types.ts";
import { ActionTable } from "./actions.ts";
import { EventTable } from "./events.ts";
import { LandingTable } from "./landings.ts";
import { MAX_TIMER_SECONDS } from "./limits.ts";
import { type PeerSignature, PeerSignatureTable, type Recorded } from "./peer_signatures.ts";
import { SubmissionTable } from "./submissions.ts";
import { type QueueState, SubmitQueueTable } from "./submit_queues.ts";
import type { ActionState, Ending, EventState, JournalChange, SubmissionState } from "./types.ts";
import { UriChangeTable } from "./uri_changes.ts";

export interface JournalModules {
  readonly database: Database;
  readonly clock: Clock;
}

/** What recording a batch did. */
export interface BatchResult {
  readonly inserted: number;
  /** Delivered before, so there was nothing to do. */
  readonly duplicates: number;
  /** Withdrawn since a reorg took their block away. */
  readonly orphaned: number;
  /** Signed already when a reorg took their block away: they cannot be withdrawn any more. */
  readonly orphanedTooLate: number;
}

/**
 * The state machine of DESIGN "The life of one trigger", on disk.
 *
 * Every method is one transaction: a step is recorded here before its effect leaves the process, so that whatever the
 * moment of a crash, the rows say where to go on. A transition that does not start where it should throws
 * `journal_conflict`; it would mean that two things work on the same item.
 */
export class Journal {
  readonly events: EventTable;
  readonly submissions: SubmissionTable;
  readonly peerSignatures: PeerSignatureTable;
  readonly actions: ActionTable;
  readonly submitQueues: SubmitQueueTable;
  readonly landings: LandingTable;
  readonly uriChanges: UriChangeTable;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #observers = new Set<(change: JournalChange) => void>();

  constructor(modules: JournalModules) {
    this.#database = modules.database;
    this.#clock = modules.clock;
    this.events = new EventTable(modules.database);
    this.submissions = new SubmissionTable(modules.database);
    this.peerSignatures = new PeerSignatureTable(modules.database);
    this.actions = new ActionTable(modules.database);
    this.submitQueues = new SubmitQueueTable(modules.database);
    this.landings = new LandingTable(modules.database);
    this.uriChanges = new UriChangeTable(modules.database);
  }

  /** Calls `observer` after every committed change, until the answer is called. */
  observe(observer: (change: JournalChange) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /**
   * Takes up work that was cut: what is recorded as executing and is not is detected again.
   *
   * @param busy the events that are being executed; none after a start
   */
  recover(busy: readonly number[]): { readonly executing: number } {
    return { executing: this.events.resetExecuting(this.#clock.now(), busy) };
  }

  /** Commits a source's events, URI changes, withdrawn blocks and cursor together. */
  recordBatch(batch: SourceBatch): BatchResult {
    const now = this.#clock.now();
    const changes: JournalChange[] = [];
    const result = this.#database.transaction(() => {
      const withdrawn = this.#withdraw(batch, now, changes);
      let inserted = 0;
      for (const event of batch.events) {
        const eventRow = this.events.insert(event, now);
        if (eventRow === undefined) continue;
        inserted++;
        changes.push({ subject: "event", eventRow, state: "detected" });
      }
      for (const change of batch.uriChanges) {
        if (this.uriChanges.insert(change, now)) changes.push({ subject: "uri_change", serviceId: change.serviceId });
      }
      this.#database.sql(
        "INSERT INTO cursors (source, cursor, updated_at_ms) VALUES (?, ?, ?) ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor, updated_at_ms = excluded.updated_at_ms",
      ).run(batch.source, batch.cursor, now);
      return { inserted, duplicates: batch.events.length - inserted, ...withdrawn };
    });
    this.#tell(changes);
    return result;
  }

  cursor(source: string): string | undefined {
    return this.#database.sql("SELECT cursor FROM cursors WHERE source = ?").get(source)?.cursor as string | undefined;
  }

  /** Events detected in `source`'s own time, without a cursor: manual triggers. Returns the rows that are new. */
  recordEvents(events: SourceBatch["events"]): number[] {
    const now = this.#clock.now();
    const rows = this.#database.transaction(() =>
      events.map((event) => this.events.insert(event, now)).filter((row) => row !== undefined)
    );
    this.#tell(rows.map((eventRow) => ({ subject: "event", eventRow, state: "detected" })));
    return rows;
  }

  beginExecution(eventRow: number): void {
    this.events.move(eventRow, ["detected"], { state: "executing", now: this.#clock.now(), keepAttempts: true });
    this.#tell([{ subject: "event", eventRow, state: "executing" }]);
  }

  /** The event goes back to be executed again at `dueAtMs`. */
  retryExecution(eventRow: number, reason: string, dueAtMs: number): void {
    this.events.retry(eventRow, reason, dueAtMs, this.#clock.now());
    this.#tell([{ subject: "event", eventRow, state: "detected", reason }]);
  }

  endEvent(eventRow: number, ending: Ending<EventState>): void {
    this.#moveEvent(eventRow, ["detected", "executing"], ending.state, ending.reason);
  }

  /** Stores what a component answered and wrote; without responses to submit the event is final. */
  recordResponses(
    eventRow: number,
    responses: readonly { readonly eventId: EventId; readonly response: WasmResponse }[],
    writes?: Pick<KeyValueWrites, "store">,
  ): void {
    const now = this.#clock.now();
    const changes: JournalChange[] = [];
    this.#database.transaction(() => {
      const state = responses.length === 0 ? "final" : "executed";
      this.events.move(eventRow, ["executing"], { state, reason: undefined, now });
      changes.push({ subject: "event", eventRow, state });
      for (const [position, { eventId, response }] of responses.entries()) {
        const submissionId = this.submissions.insert({ eventRow, position, eventId, response, now });
        changes.push({ subject: "submission", eventRow, submissionId, state: "unsigned" });
      }
      writes?.store();
    });
    this.#tell(changes);
  }

  /**
   * Notes that this envelope is about to be signed for this event; the row stands before the signer is asked.
   *
   * @returns false when another envelope was signed for it before: then nothing may be signed
   */
  guardSignature(serviceId: ServiceId, eventId: EventId, envelopeDigest: Hex): boolean {
    this.#database.sql(
      "INSERT INTO sign_guard (service_id, event_id, envelope_digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    ).run(serviceId, eventId, envelopeDigest);
    const row = this.#database.sql("SELECT envelope_digest FROM sign_guard WHERE service_id = ? AND event_id = ?")
      .get(serviceId, eventId);
    return row?.envelope_digest === envelopeDigest;
  }

  /** Stores the node's own signature; from now on peers are to be told of it. */
  recordSignature(submissionId: number, signature: { readonly signer: string; readonly bytes: Uint8Array }): void {
    const now = this.#clock.now();
    this.#database.transaction(() => {
      this.submissions.move(submissionId, ["unsigned"], { state: "signed", now });
      this.submissions.setSignature(submissionId, signature, now);
      const { eventId, eventRow } = this.submissions.get(submissionId);
      this.peerSignatures.caughtUp(this.events.get(eventRow).serviceId, eventId);
    });
    this.#tellSubmission(submissionId, "signed");
  }

  /** Stores a verified signature of another operator; what waits for it is due at once. */
  recordPeerSignature(signature: PeerSignature): Recorded {
    const now = this.#clock.now();
    const recorded = this.#database.transaction(() => {
      const result = this.peerSignatures.insert(signature, now);
      if (result === "stored") this.submissions.wake(signature.eventId, now);
      return result;
    });
    const { serviceId, eventId, signer } = signature;
    if (recorded === "stored") this.#tell([{ subject: "peer_signature", serviceId, eventId, signer }]);
    return recorded;
  }

  recordQuorum(submissionId: number): void {
    this.#database.transaction(() => {
      this.submissions.move(submissionId, ["signed"], { state: "quorum", now: this.#clock.now() });
      this.submissions.endPublishing(submissionId);
    });
    this.#tellSubmission(submissionId, "quorum");
  }

  /** Stores what the aggregator component decided and wrote; with nothing to do the submission is final. */
  recordActions(
    submissionId: number,
    actions: readonly AggregatorAction[],
    writes?: Pick<KeyValueWrites, "store">,
  ): void {
    const now = this.#clock.now();
    const eventRow = this.submissions.get(submissionId).eventRow;
    const changes: JournalChange[] = [];
    this.#database.transaction(() => {
      const state = actions.length === 0 ? "final" : "submitting";
      this.submissions.move(submissionId, ["quorum"], { state, now });
      changes.push({ subject: "submission", eventRow, submissionId, state });
      this.#insertActions(submissionId, eventRow, actions, now, changes);
      this.#finishEvent(eventRow, now, changes);
      writes?.store();
    });
    this.#tell(changes);
  }

  retrySubmission(submissionId: number, reason: string, dueAtMs: number): void {
    this.submissions.retry(submissionId, reason, dueAtMs);
    const { state } = this.submissions.get(submissionId);
    this.#tellSubmission(submissionId, state, reason);
  }

  /** The submission ends without having been carried out. */
  endSubmission(submissionId: number, ending: Ending<"dead" | "orphaned">): void {
    const now = this.#clock.now();
    const eventRow = this.submissions.get(submissionId).eventRow;
    const changes: JournalChange[] = [];
    this.#database.transaction(() => {
      this.submissions.move(submissionId, ["unsigned", "signed", "quorum", "submitting"], { ...ending, now });
      this.submissions.endPublishing(submissionId);
      changes.push({ subject: "submission", eventRow, submissionId, ...ending });
      this.#finishEvent(eventRow, now, changes);
    });
    this.#tell(changes);
  }

  /** Begins to bring an event to a handler, if no other action does or has; else nothing changes. */
  beginSubmit(actionId: number): QueueState {
    const now = this.#clock.now();
    const { action, submissionId } = this.actions.get(actionId);
    if (action.kind !== "submit") throw new Error(`action ${actionId} has nothing to submit`);
    const { eventId } = this.submissions.get(submissionId);
    const queue = this.#database.transaction(() => {
      const state = this.submitQueues.enter(actionId, eventId, action.target);
      if (state !== "entered") return state;
      this.actions.move(actionId, ["pending", "submitting"], { state: "submitting", now, keepAttempts: true });
      return state;
    });
    if (queue === "entered") this.#tellAction(actionId, "submitting");
    return queue;
  }

  retryAction(actionId: number, reason: string, dueAtMs: number): void {
    this.actions.retry(actionId, reason, dueAtMs);
    const { state } = this.actions.get(actionId);
    this.#tellAction(actionId, state, reason);
  }

  /** Stores a transaction; only then may it be sent. */
  recordTransaction(row: TransactionRow): void {
    this.actions.recordTransaction(row, this.#clock.now());
    this.#tell([{ subject: "transaction", actionId: row.actionId, chain: row.chain, hash: row.hash }]);
  }

  /**
   * Stores how an event came to its handler, which burns its queue; the component is still to be told.
   *
   * @param landed where it took effect, to be kept an eye on
   */
  recordOutcome(
    actionId: number,
    outcome: TxResult,
    landed?: { readonly chain: ChainKey; readonly landing: Landing },
  ): void {
    this.#database.transaction(() => {
      this.actions.move(actionId, ["submitting"], { state: "submitted", now: this.#clock.now() });
      this.actions.setOutcome(actionId, outcome);
      this.submitQueues.burn(actionId, this.#clock.now());
      if (landed !== undefined) this.landings.record(actionId, landed.chain, landed.landing);
    });
    this.#tellAction(actionId, "submitted", outcome.kind === "failed" ? outcome.reason : undefined);
  }

  /**
   * Ends an action, adding what a callback decided next and wrote. With its last action the submission ends too: `dead`
   * when any of them failed for good.
   */
  endAction(
    actionId: number,
    ending: {
      readonly state: "final" | "dead";
      readonly reason?: string;
      readonly next?: readonly AggregatorAction[];
      readonly writes?: Pick<KeyValueWrites, "store">;
    },
  ): void {
    const now = this.#clock.now();
    const { submissionId } = this.actions.get(actionId);
    const eventRow = this.submissions.get(submissionId).eventRow;
    const reason = ending.reason === undefined ? {} : { reason: ending.reason };
    const changes: JournalChange[] = [];
    this.#database.transaction(() => {
      this.actions.move(actionId, ["pending", "submitting", "submitted"], { state: ending.state, ...reason, now });
      changes.push({ subject: "action", eventRow, submissionId, actionId, state: ending.state, ...reason });
      this.submitQueues.leave(actionId);
      this.#insertActions(submissionId, eventRow, ending.next ?? [], now, changes);
      this.#finishSubmission(submissionId, eventRow, now, changes);
      ending.writes?.store();
    });
    this.#tell(changes);
  }

  #insertActions(
    submissionId: number,
    eventRow: number,
    actions: readonly AggregatorAction[],
    now: number,
    changes: JournalChange[],
  ): void {
    for (const action of actions) {
      const delayMs = timerDelayMs(action);
      const actionId = this.actions.insert({ submissionId, action, now, dueAtMs: now + delayMs });
      changes.push({ subject: "action", eventRow, submissionId, actionId, state: "pending" });
    }
  }

  #finishSubmission(submissionId: number, eventRow: number, now: number, changes: JournalChange[]): void {
    const open = this.actions.summary(submissionId);
    if (open.unfinished > 0) return;
    const ending: { state: SubmissionState; reason?: string } = open.dead > 0
      ? { state: "dead", reason: open.reason ?? "an action failed" }
      : { state: "final" };
    this.submissions.move(submissionId, ["submitting"], { ...ending, now });
    changes.push({ subject: "submission", eventRow, submissionId, ...ending });
    this.#finishEvent(eventRow, now, changes);
  }

  #finishEvent(eventRow: number, now: number, changes: JournalChange[]): void {
    const open = this.submissions.summary(eventRow);
    if (open.unfinished > 0) return;
    const ending: { state: EventState; reason?: string } = open.dead > 0
      ? { state: "dead", reason: open.reason ?? "a submission failed" }
      : open.orphaned > 0
      ? { state: "orphaned", reason: open.reason ?? "a reorg took its block away" }
      : { state: "final" };
    this.events.move(eventRow, ["executed"], { ...ending, now });
    changes.push({ subject: "event", eventRow, ...ending });
  }

  /** Withdraws the unsigned events of blocks that are no longer part of the chain. */
  #withdraw(
    batch: SourceBatch,
    now: number,
    changes: JournalChange[],
  ): { readonly orphaned: number; readonly orphanedTooLate: number } {
    let orphaned = 0;
    let orphanedTooLate = 0;
    for (const block of batch.orphanedBlocks) {
      const reason = `block ${block.hash} is no longer part of ${block.chain}`;
      for (const event of this.events.unfinishedInBlock(block.chain, block.hash)) {
        if (this.submissions.anySigned(event.id)) {
          orphanedTooLate++;
          continue;
        }
        this.submissions.orphanUnsigned(event.id, reason);
        this.events.move(event.id, [event.state], { state: "orphaned", reason, now });
        changes.push({ subject: "event", eventRow: event.id, state: "orphaned", reason });
        orphaned++;
      }
    }
    return { orphaned, orphanedTooLate };
  }

  #moveEvent(eventRow: number, from: readonly EventState[], state: EventState, reason?: string): void {
    this.events.move(eventRow, from, { state, reason, now: this.#clock.now() });
    this.#tell([{ subject: "event", eventRow, state, ...(reason === undefined ? {} : { reason }) }]);
  }

  #tellSubmission(submissionId: number, state: SubmissionState, reason?: string): void {
    const { eventRow } = this.submissions.get(submissionId);
    this.#tell([{ subject: "submission", eventRow, submissionId, state, ...(reason === undefined ? {} : { reason }) }]);
  }

  #tellAction(actionId: number, state: ActionState, reason?: string): void {
    const { submissionId, outcome } = this.actions.get(actionId);
    const { eventRow } = this.submissions.get(submissionId);
    const txHash = outcome?.kind === "evm" ? { txHash: `0x${outcome.txHash.toHex()}` as Bytes32 } : {};
    const why = reason === undefined ? {} : { reason };
    this.#tell([{ subject: "action", eventRow, submissionId, actionId, state, ...txHash, ...why }]);
  }

  #tell(changes: readonly JournalChange[]): void {
    for (const change of changes) {
      for (const observer of this.#observers) observer(change);
    }
  }
}

/** How long an action waits by its own wish: a timer, up to a limit. */
export function timerDelayMs(action: AggregatorAction): number {
  return action.kind === "timer" ? Math.min(Number(action.delaySeconds), MAX_TIMER_SECONDS) * 1_000 : 0;
}
