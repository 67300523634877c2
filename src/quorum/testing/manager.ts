import type { QuorumOutcome, SignerWeightRequest, ValidateRequest } from "@/aggregator/types.ts";
import { type EvmAddress, recoverEnvelopeSigner, WavsError } from "@/domain/mod.ts";

/** A service manager in memory that judges as the weighted one does: one signer it does not know spoils a set. */
export class ModelManager {
  readonly weights = new Map<EvmAddress, bigint>();
  /** Signers whose signatures it does not take, whatever they weigh. */
  readonly refused = new Set<EvmAddress>();
  threshold: bigint;
  validations = 0;
  weighings = 0;
  /** What happens once while the next question is under way. */
  meanwhile: (() => Promise<unknown>) | undefined;
  /** While set every question fails with it. */
  outage: WavsError | undefined;

  constructor(threshold: bigint) {
    this.threshold = threshold;
  }

  async validate(request: ValidateRequest): Promise<QuorumOutcome> {
    this.validations++;
    await this.#pass();
    return await this.#judge(request);
  }

  async weigh({ signer }: SignerWeightRequest): Promise<bigint> {
    this.weighings++;
    await this.#pass();
    if (this.outage !== undefined) throw this.outage;
    return this.weights.get(signer) ?? 0n;
  }

  async #pass(): Promise<void> {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
  }

  #judge({ envelope, signatures }: ValidateRequest): Promise<QuorumOutcome> {
    if (this.outage !== undefined) return Promise.reject(this.outage);
    const signers = signatures.map((signature) => recoverEnvelopeSigner(envelope, signature));
    if (signers.some((signer) => this.refused.has(signer))) return Promise.reject(rejected());
    const weights = signers.map((signer) => this.weights.get(signer));
    if (weights.includes(undefined)) return Promise.resolve({ kind: "signer_not_registered" });
    const signerWeight = weights.reduce<bigint>((sum, weight) => sum + (weight ?? 0n), 0n);
    if (signerWeight >= this.threshold) return Promise.resolve({ kind: "reached", referenceBlock: 1 });
    const thresholdWeight = signerWeight === 0n ? 0n : this.threshold;
    return Promise.resolve({ kind: "insufficient", signerWeight, thresholdWeight, totalWeight: thresholdWeight });
  }
}

function rejected(): WavsError {
  return new WavsError("validation_rejected", { message: "The manager rejects the signatures", retryable: false });
}
