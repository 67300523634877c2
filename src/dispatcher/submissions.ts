import {
  type AggregatorAction,
  envelopeDigest,
  envelopeOf,
  serializeError,
  type Service,
  type Submit,
  WavsError,
} from "@/domain/mod.ts";
import type { Invocation, KeyValueWrites } from "@/engine/types.ts";
import type { EventRow, SubmissionRow } from "@/journal/mod.ts";
import type { SignedEnvelope } from "@/quorum/mod.ts";
import type { RegisteredService } from "@/services/types.ts";
import { logGuest } from "./guest_log.ts";
import { afterFailedSubmission } from "./retry.ts";
import type { DispatcherModules, DispatcherOptions } from "./types.ts";

/** A submission with everything that surrounds it. */
export interface SubmissionScene {
  readonly submission: SubmissionRow;
  readonly event: EventRow;
  readonly registered: RegisteredService;
  readonly submit: Extract<Submit, { kind: "aggregator" }>;
}

/** What an aggregator component answered and wrote. */
export interface Decision {
  readonly actions: readonly AggregatorAction[];
  readonly writes: KeyValueWrites;
}

/** The steps from `unsigned` to `submitting`: sign, see whether the quorum is there, ask the aggregator component. */
export class Submissions {
  readonly #options: DispatcherOptions;
  readonly #modules: DispatcherModules;

  constructor(options: DispatcherOptions, modules: DispatcherModules) {
    this.#options = options;
    this.#modules = modules;
  }

  take(room: number, busy: readonly SubmissionRow[]): SubmissionRow[] {
    const { journal, context } = this.#modules;
    return journal.submissions.due(context.clock.now(), room, busy.map((submission) => submission.id));
  }

  /** Takes one submission as far as it goes now; each step is recorded before the next begins. */
  async run(row: SubmissionRow): Promise<void> {
    const { journal, context } = this.#modules;
    try {
      const scene = this.scene(row.id);
      if (scene.submission.state === "unsigned") await this.#sign(scene);
      if (journal.submissions.get(row.id).state === "signed") await this.#validate(this.scene(row.id));
      if (journal.submissions.get(row.id).state === "quorum") await this.#aggregate(this.scene(row.id));
    } catch (error) {
      if (context.signal.aborted) return;
      this.fail(journal.submissions.get(row.id), error);
    }
  }

  /**
   * Gathers what a submission belongs to.
   *
   * @throws WavsError `service_gone` when its service or workflow was removed or no longer submits,
   * `service_paused` (retryable) while it is paused
   */
  scene(submissionId: number): SubmissionScene {
    const submission = this.#modules.journal.submissions.get(submissionId);
    const event = this.#modules.journal.events.get(submission.eventRow);
    const registered = this.#modules.services.get(event.serviceId);
    const submit = registered?.service.workflows.get(event.workflowId)?.submit;
    if (registered === undefined || submit?.kind !== "aggregator") {
      throw new WavsError("service_gone", {
        message:
          `Cannot submit for workflow "${event.workflowId}" because its service was removed or no longer submits`,
        retryable: false,
      });
    }
    refusePaused(registered.service);
    return { submission, event, registered, submit };
  }

  /** Runs the workflow's aggregator component and keeps its report. The caller stores and disposes what it wrote. */
  async invoke(scene: SubmissionScene, invocation: Invocation): Promise<Decision> {
    const { engine, services, journal, context } = this.#modules;
    const { event, registered } = scene;
    const result = await engine.execute({
      serviceId: event.serviceId,
      service: registered.service,
      workflowId: event.workflowId,
      action: event.action,
      invocation,
      chains: services.chains(),
    }, context.signal);
    logGuest(context.log, result.report, { service: event.serviceId, workflow: event.workflowId, event: event.id });
    journal.events.recordExecution({
      eventRow: event.id,
      invocation: invocation.kind,
      report: result.report,
      error: result.ok ? undefined : result.error.message,
    }, context.clock.now());
    if (!result.ok) {
      const { code, message, meta } = result.error;
      // What an aggregator component refuses today (a price feed that is down) it may accept tomorrow.
      throw new WavsError(code, { message, meta, retryable: result.error.retryable || code === "guest_error" });
    }
    return { actions: result.outcome.kind === "actions" ? result.outcome.actions : [], writes: result.writes };
  }

  /** Retries or buries a submission whose current step failed. */
  fail(submission: SubmissionRow, error: unknown): void {
    const { journal, context } = this.#modules;
    const now = context.clock.now();
    const failure = serializeError(error);
    const decision = afterFailedSubmission(failure, {
      attempts: submission.attempts,
      ageMs: now - submission.createdAtMs,
      ttlMs: this.#options.submissionTtlMs,
    }, context.random);
    const fields = { event_id: submission.eventId, state: submission.state, reason: failure.message };
    if (decision.kind === "retry") {
      // With several operators each waits for the others with every event.
      const level = failure.code === "insufficient_quorum" ? "debug" : "warn";
      context.log[level]("Submission cannot go on yet", { ...fields, delayMs: decision.delayMs });
      journal.retrySubmission(submission.id, failure.message, now + decision.delayMs);
    } else {
      context.log.error("Submission failed for good, it is a dead letter", fields);
      journal.endSubmission(submission.id, { state: "dead", reason: decision.reason });
    }
  }

  async #sign({ submission, event, registered, submit }: SubmissionScene): Promise<void> {
    const { journal, signer } = this.#modules;
    const envelope = envelopeOf(submission.eventId, submission.response);
    if (!journal.guardSignature(event.serviceId, submission.eventId, envelopeDigest(envelope))) {
      throw new WavsError("signature_refused", {
        message: `Refused to sign a second, different envelope for event "${submission.eventId}"`,
        retryable: false,
      });
    }
    const { signer: address, signature } = await signer.signEnvelope({
      hdIndex: registered.hdIndex,
      envelope,
      kind: submit.signatureKind,
    });
    journal.recordSignature(submission.id, { signer: address, bytes: signature });
  }

  async #validate(scene: SubmissionScene): Promise<void> {
    await this.#modules.quorum.require(signedEnvelope(scene));
    this.#modules.journal.recordQuorum(scene.submission.id);
  }

  async #aggregate(scene: SubmissionScene): Promise<void> {
    const { submission } = scene;
    const { actions, writes } = await this.invoke(scene, {
      kind: "process-input",
      response: submission.response,
      eventId: submission.eventId,
    });
    using _released = writes;
    this.#modules.journal.recordActions(submission.id, actions, writes);
  }
}

/** What this node has signed of a scene. */
export function signedEnvelope({ submission, event, registered, submit }: SubmissionScene): SignedEnvelope {
  const { signer, signature, eventId, response } = submission;
  if (signer === undefined || signature === undefined) throw new Error(`submission ${submission.id} has no signature`);
  return {
    serviceId: event.serviceId,
    manager: registered.service.manager,
    envelope: envelopeOf(eventId, response),
    kind: submit.signatureKind,
    own: { signer, signature },
  };
}

function refusePaused(service: Service): void {
  if (service.status !== "paused") return;
  throw new WavsError("service_paused", {
    message: `Nothing is signed for service "${service.name}" while it is paused`,
    retryable: true,
  });
}
