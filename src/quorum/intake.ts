import { backoffMs, type Context } from "@/context/mod.ts";
import {
  type EvmAddress,
  isWavsError,
  serializeError,
  type ServiceId,
  type ServiceManager,
  type SignatureKind,
} from "@/domain/mod.ts";
import type { Journal } from "@/journal/mod.ts";
import type { Remote } from "@/link/mod.ts";
import type { RegisteredService } from "@/services/types.ts";
import type { VerifiedSubmission, VerifierApi } from "@/verifier/types.ts";
import { ExpiringMap } from "./expiring.ts";
import {
  MAX_PEERS_WITH_STRANGERS,
  MAX_STRANGERS_PER_PEER,
  MAX_WEIGHT_ATTEMPTS,
  STRANGERS_TTL_MS,
  WEIGHT_BACKOFF,
} from "./limits.ts";
import type { SignerWeights } from "./signer_weights.ts";
import type { IntakeResult, PeerSubmission } from "./types.ts";

export interface IntakeModules {
  readonly context: Context;
  readonly journal: Pick<Journal, "peerSignatures" | "submissions" | "recordPeerSignature">;
  readonly services: { get(serviceId: ServiceId): RegisteredService | undefined };
  readonly verifier: Pick<Remote<VerifierApi>, "verify">;
  readonly weights: SignerWeights;
}

/**
 * Where submissions of peers come in: what verifies, belongs to a registered service and is signed by an operator with
 * weight is stored, all else is refused (spec/network.md 9.4). A wrong one costs a verification, and at most the
 * question what its signer weighs.
 */
export class Intake {
  readonly #modules: IntakeModules;
  /** By peer, the signers it brought that are no operators. */
  readonly #strangers: ExpiringMap<Set<EvmAddress>>;

  constructor(modules: IntakeModules) {
    this.#modules = modules;
    const options = { ttlMs: STRANGERS_TTL_MS, maxEntries: MAX_PEERS_WITH_STRANGERS };
    this.#strangers = new ExpiringMap(options, modules.context.clock);
  }

  /** Never throws for what a peer sent. @throws WavsError what the journal or the verifier itself failed with */
  async take({ peer, serviceId, bytes }: PeerSubmission): Promise<IntakeResult> {
    const { services, verifier, journal, context } = this.#modules;
    if (services.get(serviceId) === undefined) return refused("service_unknown", "its service is not registered");
    const verdict = await verifier.verify(bytes, { signal: context.signal });
    if (verdict.kind === "refused") return { ...verdict, isPeersFault: true };
    const { submission } = verdict;
    const obstacle = this.#obstacle(submission, serviceId);
    if (obstacle.kind === "refused") return obstacle;
    const { signer, signature, ...envelope } = submission;
    if (this.#isKnown(submission)) return { kind: "known" };
    const unfit = await this.#unfit(obstacle.manager, { peer, signer });
    if (unfit !== undefined) return unfit;
    const recorded = journal.recordPeerSignature({ ...envelope, signer, signature: signature.data, peer });
    return recorded === "crowded"
      ? refused("event_crowded", "there is no room for another signature of its event")
      : { kind: recorded };
  }

  /** Of a peer, or this node's own that comes back. */
  #isKnown({ signer, serviceId, eventId, envelopeDigest }: VerifiedSubmission): boolean {
    const { journal } = this.#modules;
    return journal.peerSignatures.has({ serviceId, eventId, envelopeDigest, signer }) ||
      journal.submissions.ofEventId(eventId).some((own) => own.signer === signer);
  }

  /** What speaks against it in the services as they are now; the manager of its service if nothing does. */
  #obstacle(
    { serviceId, workflowId, signature }: VerifiedSubmission,
    topic: ServiceId,
  ): IntakeResult & { kind: "refused" } | { readonly kind: "none"; readonly manager: ServiceManager } {
    if (serviceId !== topic) {
      return { ...refused("service_mismatch", "it came by the topic of another service"), isPeersFault: true };
    }
    const registered = this.#modules.services.get(serviceId);
    if (registered === undefined) return refused("service_unknown", "its service is not registered");
    const submit = registered.service.workflows.get(workflowId)?.submit;
    if (submit?.kind !== "aggregator") return refused("workflow_unknown", "its workflow does not submit");
    if (!sameKind(submit.signatureKind, signature.kind)) {
      return refused("signature_kind_mismatch", "its workflow asks for another kind of signature");
    }
    return { kind: "none", manager: registered.service.manager };
  }

  async #unfit(
    manager: ServiceManager,
    { peer, signer }: { readonly peer: string; readonly signer: EvmAddress },
  ): Promise<IntakeResult | undefined> {
    const { context, weights } = this.#modules;
    for (let attempt = 1;; attempt++) {
      try {
        if (await weights.of(manager, signer) > 0n) return undefined;
        const reason = `"${signer}" is no signing key of an operator with weight`;
        return { ...refused("signer_not_registered", reason), isPeersFault: this.#isForger(peer, signer) };
      } catch (error) {
        const failure = serializeError(error);
        if (!isWavsError(error) || attempt >= MAX_WEIGHT_ATTEMPTS || context.signal.aborted) {
          context.log.warn("A signature of a peer is dropped, its signer cannot be weighed", { cause: failure });
          return refused("signer_not_weighed", failure.message);
        }
        await context.clock.sleep(backoffMs(WEIGHT_BACKOFF, attempt, context.random), context.signal);
      }
    }
  }

  #isForger(peer: string, signer: EvmAddress): boolean {
    const strangers = this.#strangers.get(peer) ?? new Set();
    if (strangers.has(signer)) return false;
    if (strangers.size >= MAX_STRANGERS_PER_PEER) return true;
    this.#strangers.set(peer, strangers.add(signer));
    return false;
  }
}

/** Says nothing against the peer: chains and services look different from elsewhere. */
function refused(code: string, reason: string): IntakeResult & { kind: "refused" } {
  return { kind: "refused", code, reason, isPeersFault: false };
}

function sameKind(left: SignatureKind, right: SignatureKind): boolean {
  return left.algorithm === right.algorithm && left.prefix === right.prefix;
}
