import { backoffMs } from "@/context/mod.ts";
import { isWavsError, serializeError } from "@/domain/mod.ts";
import type { SubmissionRow } from "@/journal/mod.ts";
import { submissionBytes } from "@/quorum/mod.ts";
import { NO_PEERS_PAUSE, REPUBLISH_BACKOFF } from "./limits.ts";
import type { DispatcherModules, DispatcherOptions, Publish } from "./types.ts";

/** The outbox: peers are told of every own submission, again until the quorum is there or it expires. */
export class Publications {
  readonly #options: DispatcherOptions;
  readonly #modules: DispatcherModules;
  readonly #publish: Publish;

  constructor(options: DispatcherOptions, modules: DispatcherModules, publish: Publish) {
    this.#options = options;
    this.#modules = modules;
    this.#publish = publish;
  }

  take(room: number, busy: readonly SubmissionRow[]): SubmissionRow[] {
    const { journal, context } = this.#modules;
    return journal.submissions.publishable(context.clock.now(), room, busy.map((submission) => submission.id));
  }

  nextDueAt(now: number): number | undefined {
    return this.#modules.journal.submissions.nextPublishAt(now);
  }

  async run(row: SubmissionRow): Promise<void> {
    const { journal, context } = this.#modules;
    let peers: number | undefined;
    try {
      peers = await this.#tell(row);
    } catch (error) {
      if (context.signal.aborted) return;
      const fields = { event_id: row.eventId, cause: serializeError(error) };
      const isFinal = isWavsError(error) && !error.retryable;
      if (isFinal) context.log.error("A submission cannot be published, peers do not hear of it", fields);
      else context.log.warn("A submission cannot be published yet", fields);
      peers = isFinal ? undefined : 0;
    }
    const dueAtMs = peers === undefined ? undefined : this.#nextAt(row, peers);
    journal.submissions.published(row.id, { peers: peers ?? 0, dueAtMs });
  }

  /** `undefined` when there is nothing to tell. */
  async #tell(row: SubmissionRow): Promise<number | undefined> {
    const { journal, services, context } = this.#modules;
    const event = journal.events.get(row.eventRow);
    const submit = services.get(event.serviceId)?.service.workflows.get(event.workflowId)?.submit;
    if (submit?.kind !== "aggregator" || row.signature === undefined) return undefined;
    const signature = { data: row.signature, kind: submit.signatureKind };
    const bytes = submissionBytes({ action: event.action, row, signature });
    const { peers } = await this.#publish({ serviceId: event.serviceId, bytes }, { signal: context.signal });
    return peers;
  }

  /** `undefined` once the quorum is there, or when it expires before. */
  #nextAt(row: SubmissionRow, peers: number): number | undefined {
    const { journal, context } = this.#modules;
    if (journal.submissions.get(row.id).state !== "signed") return undefined;
    const now = context.clock.now();
    const { minMs, maxMs } = NO_PEERS_PAUSE;
    const delayMs = peers === 0
      ? Math.min(maxMs, Math.max(minMs, (now - row.createdAtMs) / 4))
      : backoffMs(REPUBLISH_BACKOFF, row.publishAttempts + 1, context.random);
    const dueAtMs = Math.round(now + delayMs);
    return dueAtMs < row.createdAtMs + this.#options.submissionTtlMs ? dueAtMs : undefined;
  }
}
