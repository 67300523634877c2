import type { QuorumOutcome, ValidateRequest } from "@/aggregator/types.ts";
import type { Context } from "@/context/mod.ts";
import {
  envelopeDigest,
  isWavsError,
  serializeError,
  type ServiceManager,
  type SignedBy,
  WavsError,
  type WavsSignature,
} from "@/domain/mod.ts";
import type { EnvelopeKey, Journal } from "@/journal/mod.ts";
import { ExpiringMap } from "./expiring.ts";
import { MAX_THRESHOLDS, THRESHOLD_TTL_MS } from "./limits.ts";
import type { SignerWeights } from "./signer_weights.ts";
import type { SignedEnvelope } from "./types.ts";

export interface QuorumModules {
  readonly context: Context;
  readonly journal: Pick<Journal, "peerSignatures">;
  readonly weights: SignerWeights;
  /** Asks the service manager. */
  readonly validate: (request: ValidateRequest) => Promise<QuorumOutcome>;
}

/** Why a quorum is not there, as the service manager says or would say. */
type Refusal =
  | { readonly kind: "insufficient"; readonly signerWeight: bigint; readonly thresholdWeight: bigint }
  | { readonly kind: "signer_not_registered" };

/** Says when enough operators have signed an envelope, and with which signatures. */
export class Quorum {
  readonly #modules: QuorumModules;
  /** What managers ask for, learnt from their refusals. */
  readonly #thresholds: ExpiringMap<bigint>;

  constructor(modules: QuorumModules) {
    this.#modules = modules;
    const options = { ttlMs: THRESHOLD_TTL_MS, maxEntries: MAX_THRESHOLDS };
    this.#thresholds = new ExpiringMap(options, modules.context.clock);
  }

  /**
   * Resolves when the service manager accepts the signatures there are; it is asked only when they might suffice.
   *
   * @throws WavsError `insufficient_quorum`, `signer_not_registered` (both retryable), and what `validate` throws
   */
  async require(signed: SignedEnvelope): Promise<void> {
    const { manager } = signed;
    for (let set = this.#all(signed);;) {
      const outcome = await this.#foreseen(manager, set) ?? await this.#asked(signed, set);
      if (outcome.kind === "reached") return;
      // What came while the chain was asked, be it for a weight, woke nobody: the submission was busy.
      const now = this.#all(signed);
      if (now.length <= set.length) throw notReached(signed, outcome);
      set = now;
    }
  }

  /** Every signature there is of an envelope, as it is handed to the chain. */
  signatures(signed: SignedEnvelope): WavsSignature[] {
    return asSignatures(signed, this.#all(signed));
  }

  /** {@link signatures} without those the manager would refuse now: one of them is enough to make it refuse all. */
  async reviewedSignatures(signed: SignedEnvelope): Promise<WavsSignature[]> {
    const sound = await this.#sound(signed, this.#all(signed));
    return sound.length === 0 ? this.signatures(signed) : asSignatures(signed, sound);
  }

  /** One per signer: the node's own, and those of its peers. */
  #all(signed: SignedEnvelope): SignedBy[] {
    const { own } = signed;
    const peers = this.#modules.journal.peerSignatures.of(envelopeKey(signed));
    return [own, ...peers.filter(({ signer }) => signer !== own.signer)];
  }

  /** Saves a call to the chain that can only be refused. */
  async #foreseen(manager: ServiceManager, set: readonly SignedBy[]): Promise<Refusal | undefined> {
    const thresholdWeight = this.#thresholds.get(keyOf(manager));
    if (thresholdWeight === undefined) return undefined;
    const weights = await Promise.all(set.map(({ signer }) => this.#modules.weights.of(manager, signer)));
    const signerWeight = weights.reduce((sum, weight) => sum + weight, 0n);
    return signerWeight < thresholdWeight ? { kind: "insufficient", signerWeight, thresholdWeight } : undefined;
  }

  async #asked(signed: SignedEnvelope, set: readonly SignedBy[]): Promise<QuorumOutcome> {
    const outcome = await this.#accepted(signed, set);
    if (outcome.kind === "insufficient") this.#learn(signed.manager, outcome.thresholdWeight);
    return outcome;
  }

  /** Asks for the whole set; when that is refused for the sake of some of its signers, for the others alone. */
  async #accepted(signed: SignedEnvelope, set: readonly SignedBy[]): Promise<QuorumOutcome> {
    const { outcome, error } = await this.#ask(signed, set);
    if (outcome !== undefined && outcome.kind !== "signer_not_registered") return outcome;
    const sound = set.length === 1 ? [] : await this.#sound(signed, set);
    if (sound.length === 0 || sound.length === set.length) {
      if (outcome === undefined) throw error;
      return outcome;
    }
    const again = await this.#ask(signed, sound);
    if (again.outcome === undefined) throw again.error;
    return again.outcome;
  }

  /** The signatures that the manager takes when it sees each alone. Of peers, the others are forgotten. */
  async #sound(signed: SignedEnvelope, set: readonly SignedBy[]): Promise<SignedBy[]> {
    const sound: SignedBy[] = [];
    for (const entry of set) {
      const { outcome, error } = await this.#ask(signed, [entry]);
      const counts = outcome?.kind === "reached" || (outcome?.kind === "insufficient" && outcome.signerWeight > 0n);
      if (counts) sound.push(entry);
      else await this.#suspect(signed, entry, error);
    }
    return sound;
  }

  /**
   * A signer may be registered since the block the manager judges by: it is left out now and kept. One that does not
   * count any more, or whose signature the manager refuses, is forgotten.
   */
  async #suspect(signed: SignedEnvelope, entry: SignedBy, error: unknown): Promise<void> {
    const { journal, weights, context } = this.#modules;
    const { manager, own } = signed;
    weights.forget(manager, entry.signer);
    if (entry.signer === own.signer) return;
    if (error === undefined && await weights.of(manager, entry.signer) > 0n) return;
    journal.peerSignatures.remove(envelopeKey(signed), entry.signer);
    context.log.warn("A signature of a peer does not count any more", {
      event_id: signed.envelope.eventId,
      signer: entry.signer,
      ...(error === undefined ? {} : { cause: serializeError(error) }),
    });
  }

  /** A refusal that more signatures would not mend is an answer here; that the chain cannot be asked is not. */
  async #ask(
    signed: SignedEnvelope,
    set: readonly SignedBy[],
  ): Promise<
    { readonly outcome: QuorumOutcome; readonly error?: undefined } | {
      readonly outcome?: undefined;
      readonly error: unknown;
    }
  > {
    const { manager, envelope } = signed;
    try {
      return { outcome: await this.#modules.validate({ manager, envelope, signatures: asSignatures(signed, set) }) };
    } catch (error) {
      if (!isWavsError(error, "validation_rejected") || error.retryable) throw error;
      return { error };
    }
  }

  #learn(manager: ServiceManager, thresholdWeight: bigint): void {
    // Zero says only that the signers weigh nothing.
    if (thresholdWeight > 0n) this.#thresholds.set(keyOf(manager), thresholdWeight);
  }
}

function envelopeKey({ serviceId, envelope }: SignedEnvelope): EnvelopeKey {
  return { serviceId, eventId: envelope.eventId, envelopeDigest: envelopeDigest(envelope) };
}

function asSignatures({ kind }: SignedEnvelope, set: readonly SignedBy[]): WavsSignature[] {
  return set.map(({ signature }) => ({ data: signature, kind }));
}

function keyOf(manager: ServiceManager): string {
  return `${manager.chain} ${manager.address}`;
}

function notReached({ own }: SignedEnvelope, outcome: Refusal): WavsError {
  switch (outcome.kind) {
    case "insufficient":
      return insufficientQuorum(outcome);
    case "signer_not_registered":
      return new WavsError("signer_not_registered", {
        message: `The service manager does not know the signing key "${own.signer}"; register it there`,
        retryable: true,
      });
  }
}

function insufficientQuorum(
  { signerWeight, thresholdWeight }: { readonly signerWeight: bigint; readonly thresholdWeight: bigint },
): WavsError {
  return new WavsError("insufficient_quorum", {
    message: `The signatures weigh ${signerWeight} of the ${thresholdWeight} that the service manager asks for`,
    retryable: true,
    meta: { signerWeight, thresholdWeight },
  });
}
