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
  /** While set every question fails with it. */
  outage: WavsError | undefined;

  constructor(threshold: bigint) {
    this.threshold = threshold;
  }

  validate({ envelope, signatures }: ValidateRequest): Promise<QuorumOutcome> {
    this.validations++;
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

  weigh({ signer }: SignerWeightRequest): Promise<bigint> {
    this.weighings++;
    if (this.outage !== undefined) return Promise.reject(this.outage);
    return Promise.resolve(this.weights.get(signer) ?? 0n);
  }
}

function rejected(): WavsError {
  return new WavsError("validation_rejected", { message: "The manager rejects the signatures", retryable: false });
}
