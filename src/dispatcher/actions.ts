import {
  hexToBytes,
  serializeError,
  type SubmitOutcome,
  type SubmitTarget,
  type Turn,
  type TxResult,
  WavsError,
} from "@/domain/mod.ts";
import type { KeyValueWrites } from "@/engine/types.ts";
import { type ActionRow, timerDelayMs } from "@/journal/mod.ts";
import { operatorsBefore } from "@/quorum/mod.ts";
import { afterFailedSubmission } from "./retry.ts";
import { signedEnvelope, type Submissions, type SubmissionScene } from "./submissions.ts";
import type { DispatcherModules, DispatcherOptions } from "./types.ts";

/** The steps from `pending` to `final` of what an aggregator component decided. */
export class Actions {
  readonly #options: DispatcherOptions;
  readonly #modules: DispatcherModules;
  readonly #submissions: Submissions;

  constructor(options: DispatcherOptions, modules: DispatcherModules, submissions: Submissions) {
    this.#options = options;
    this.#modules = modules;
    this.#submissions = submissions;
  }

  take(room: number, busy: readonly ActionRow[]): ActionRow[] {
    const { journal, context } = this.#modules;
    return journal.actions.due(context.clock.now(), room, busy.map((action) => action.id));
  }

  async run(row: ActionRow): Promise<void> {
    const { journal, context } = this.#modules;
    try {
      const scene = this.#submissions.scene(row.submissionId);
      if (row.action.kind === "timer") return await this.#elapse(row, scene);
      if (row.state !== "submitted" && !await this.#submit(row, row.action.target, scene)) return;
      await this.#callBack(journal.actions.get(row.id), scene);
    } catch (error) {
      if (context.signal.aborted) return;
      this.#fail(journal.actions.get(row.id), error);
    }
  }

  /**
   * Brings an action on chain again whose transaction a reorg took away. It stays as it ended: its component was told.
   *
   * @throws WavsError like a first time
   */
  async submitAgain(actionId: number): Promise<SubmitOutcome> {
    const row = this.#modules.journal.actions.get(actionId);
    if (row.action.kind !== "submit") throw new Error(`action ${actionId} has nothing to submit`);
    return await this.#bring(row, row.action.target, this.#submissions.scene(row.submissionId));
  }

  /** A timer is due: the component says what comes next. */
  async #elapse(row: ActionRow, scene: SubmissionScene): Promise<void> {
    const { response, eventId } = scene.submission;
    const { actions, writes } = await this.#submissions.invoke(scene, {
      kind: "handle-timer-callback",
      response,
      eventId,
    });
    using _released = writes;
    this.#modules.journal.endAction(row.id, { state: "final", next: actions, writes });
  }

  /** Resolves to false when the action ended here, since its event is with the handler by another one. */
  async #submit(row: ActionRow, target: SubmitTarget, scene: SubmissionScene): Promise<boolean> {
    const { journal } = this.#modules;
    if (!this.#begin(row, scene)) return false;
    const outcome = await this.#bring(row, target, scene);
    this.#modules.submitted?.(target.chain, outcome);
    const { landing } = outcome;
    const result: TxResult = landing === undefined
      ? { kind: "failed", reason: `the handler has handled event ${scene.submission.eventId} before` }
      : { kind: "evm", txHash: hexToBytes(landing.txHash) };
    journal.recordOutcome(row.id, result, landing === undefined ? undefined : { chain: target.chain, landing });
    return true;
  }

  /** @throws WavsError `submit_queue_busy` (retryable) while another action brings the event */
  #begin(row: ActionRow, { submission: { eventId } }: SubmissionScene): boolean {
    const { journal, context } = this.#modules;
    switch (journal.beginSubmit(row.id)) {
      case "entered":
        return true;
      case "busy":
        throw new WavsError("submit_queue_busy", {
          message: `Another action brings event "${eventId}" to the same handler`,
          retryable: true,
        });
      case "burned":
        context.log.info("Nothing is submitted, another action has brought the event", {
          action: row.id,
          event_id: eventId,
        });
        journal.endAction(row.id, { state: "final", reason: "another action has brought its event to the handler" });
        return false;
    }
  }

  /** Brings what an action decided on chain; what is there already is only found. */
  async #bring(row: ActionRow, target: SubmitTarget, scene: SubmissionScene): Promise<SubmitOutcome> {
    const { journal, aggregator, quorum, context } = this.#modules;
    const signed = signedEnvelope(scene);
    // What was refused before may have been for the sake of one signer, whose weight is gone.
    const signatures = row.attempts > 0 ? await quorum.reviewedSignatures(signed) : quorum.signatures(signed);
    return await aggregator.submit({
      actionId: row.id,
      target,
      envelope: signed.envelope,
      signatures,
      turn: this.#turnOf(scene),
      earlier: journal.actions.transactionsOf(row.id),
    }, { signal: context.signal });
  }

  /** The operators take turns, in an order that all of them know (DESIGN "The life of one trigger"). */
  #turnOf({ submission, event }: SubmissionScene): Turn {
    const { eventId, signer } = submission;
    const delayMs = this.#options.rankDelayMs;
    if (signer === undefined || delayMs === 0) return { before: [], delayMs };
    const others = this.#modules.journal.peerSignatures.latestSigners(event.serviceId);
    return { before: operatorsBefore(eventId, signer, others), delayMs };
  }

  /** Tells the component how it went; only then is the action done. Its answer changes nothing any more. */
  async #callBack(row: ActionRow, scene: SubmissionScene): Promise<void> {
    const { journal, context } = this.#modules;
    const { response, eventId } = scene.submission;
    if (row.outcome === undefined) throw new Error(`action ${row.id} was submitted without an outcome`);
    using released = new DisposableStack();
    let writes: KeyValueWrites | undefined;
    try {
      const invocation = { kind: "handle-submit-callback", response, eventId, result: row.outcome } as const;
      writes = released.use((await this.#submissions.invoke(scene, invocation)).writes);
    } catch (error) {
      if (context.signal.aborted) throw error;
      const failure = serializeError(error);
      context.log.warn("The submit callback failed", { event_id: eventId, reason: failure.message });
    }
    journal.endAction(row.id, { state: "final", ...(writes === undefined ? {} : { writes }) });
  }

  #fail(row: ActionRow, error: unknown): void {
    const { journal, context } = this.#modules;
    const now = context.clock.now();
    const failure = serializeError(error);
    // A timer may be set for longer than a response lives: its time is counted from when it went off.
    const ageMs = now - row.createdAtMs - timerDelayMs(row.action);
    const age = { attempts: row.attempts, ageMs, ttlMs: this.#options.submissionTtlMs };
    const decision = afterFailedSubmission(failure, age, context.random);
    const fields = { action: row.id, state: row.state, reason: failure.message };
    if (decision.kind === "retry") {
      context.log.warn("Action cannot be carried out yet", { ...fields, delayMs: decision.delayMs });
      journal.retryAction(row.id, failure.message, now + decision.delayMs);
      return;
    }
    context.log.error("Action failed for good, it is a dead letter", fields);
    void this.#bury(row, { kind: "failed", reason: decision.reason }, decision.reason);
  }

  /** The component hears of a failure as well (spec/wire.md 3.6), if its service is still there to be asked. */
  async #bury(row: ActionRow, result: TxResult, reason: string): Promise<void> {
    const { journal, context } = this.#modules;
    journal.endAction(row.id, { state: "dead", reason });
    if (row.action.kind !== "submit") return;
    try {
      const scene = this.#submissions.scene(row.submissionId);
      const { response, eventId } = scene.submission;
      const told = await this.#submissions.invoke(scene, {
        kind: "handle-submit-callback",
        response,
        eventId,
        result,
      });
      using writes = told.writes;
      writes.store();
    } catch (error) {
      context.log.warn("The submit callback failed", { action: row.id, reason: serializeError(error).message });
    }
  }
}
