import type { Clock } from "@/context/mod.ts";
import { envelopeDigest, envelopeOf, type ServiceId, type SignatureKind, type WorkflowId } from "@/domain/mod.ts";
import type { Journal, SubmissionRow } from "@/journal/mod.ts";
import type { RegisteredService } from "@/services/types.ts";
import { MAX_CATCH_UP_BYTES } from "./limits.ts";
import { submissionBytes } from "./submission_bytes.ts";

export interface CatchUpOptions {
  /** How old a submission may be. */
  readonly ttlMs: number;
}

export interface CatchUpModules {
  readonly clock: Clock;
  readonly journal: Pick<Journal, "events" | "submissions" | "peerSignatures">;
  readonly services: { get(serviceId: ServiceId): RegisteredService | undefined };
}

/** What peers that were away are told: the latest submissions of a service, this node's own and those of its peers. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #modules: CatchUpModules;

  constructor(options: CatchUpOptions, modules: CatchUpModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** Oldest first, each as it travels; with too many the newest count (spec/network.md 5.7). */
  submissions({ serviceId, limit }: { readonly serviceId: ServiceId; readonly limit: number }): Uint8Array[] {
    const { clock, journal } = this.#modules;
    const sinceMs = clock.now() - this.#options.ttlMs;
    const items: Uint8Array[] = [];
    let bytes = 0;
    for (const row of journal.submissions.latestSigned(serviceId, { sinceMs, limit })) {
      for (const item of this.#itemsOf(serviceId, row)) {
        bytes += item.length;
        if (items.length >= limit || bytes > MAX_CATCH_UP_BYTES) return items.reverse();
        items.push(item);
      }
    }
    return items.reverse();
  }

  /** An event's trigger and response are the same for all who signed its envelope, so the signatures are all it takes. */
  *#itemsOf(serviceId: ServiceId, row: SubmissionRow): Iterable<Uint8Array> {
    const { journal } = this.#modules;
    const event = journal.events.get(row.eventRow);
    const kind = this.#kindOf(serviceId, event.workflowId);
    if (kind === undefined || row.signature === undefined) return;
    yield submissionBytes({ action: event.action, row, signature: { data: row.signature, kind } });
    const digest = envelopeDigest(envelopeOf(row.eventId, row.response));
    for (
      const { signer, signature } of journal.peerSignatures.of({
        serviceId,
        eventId: row.eventId,
        envelopeDigest: digest,
      })
    ) {
      if (signer !== row.signer) {
        yield submissionBytes({ action: event.action, row, signature: { data: signature, kind } });
      }
    }
  }

  #kindOf(serviceId: ServiceId, workflowId: WorkflowId): SignatureKind | undefined {
    const submit = this.#modules.services.get(serviceId)?.service.workflows.get(workflowId)?.submit;
    return submit?.kind === "aggregator" ? submit.signatureKind : undefined;
  }
}
