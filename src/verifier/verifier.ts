import { createHash } from "node:crypto";
import { WavsError } from "@/domain/mod.ts";
import type { Handlers } from "@/link/mod.ts";
import { MAX_REMEMBERED_VERDICTS } from "./limits.ts";
import { loadRecovery, type RecoverSigner } from "./recovery.ts";
import type { RefusalCode, Verdict, VerifierApi } from "./types.ts";
import { verifySubmission } from "./verify.ts";

/** The verifier in the caller's own thread; production runs it in its worker (`startVerifier`). */
export async function createVerifier(): Promise<Handlers<VerifierApi>> {
  const verdicts = new Verdicts(await loadRecovery());
  return { verify: (bytes) => verdicts.of(bytes) };
}

/** Verdicts on the latest submissions by the digest of their bytes: what comes twice is verified once. */
export class Verdicts {
  readonly #recover: RecoverSigner;
  readonly #remembered = new Map<string, Verdict>();

  constructor(recover: RecoverSigner) {
    this.#recover = recover;
  }

  get size(): number {
    return this.#remembered.size;
  }

  of(bytes: Uint8Array): Verdict {
    const digest = createHash("sha256").update(bytes).digest("base64");
    const known = this.#remembered.get(digest);
    if (known !== undefined) return known;
    const verdict = judge(bytes, this.#recover);
    this.#remembered.set(digest, verdict);
    if (this.#remembered.size > MAX_REMEMBERED_VERDICTS) this.#forgetOldest();
    return verdict;
  }

  #forgetOldest(): void {
    for (const digest of this.#remembered.keys()) {
      this.#remembered.delete(digest);
      return;
    }
  }
}

/** Whatever the bytes are, the answer is a verdict; only a defect of this node throws. */
function judge(bytes: Uint8Array, recover: RecoverSigner): Verdict {
  try {
    return { kind: "verified", submission: verifySubmission(bytes, recover) };
  } catch (error) {
    if (!(error instanceof WavsError)) throw error;
    // Every code that is thrown here is one: see `verifySubmission`.
    return { kind: "refused", code: error.code as RefusalCode, reason: error.message };
  }
}
