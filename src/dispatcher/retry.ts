import { backoffMs } from "@/context/mod.ts";
import type { SerializedError } from "@/domain/mod.ts";
import { EXECUTION_BACKOFF, MAX_EXECUTION_ATTEMPTS, MAX_GUEST_ERROR_ATTEMPTS, SUBMISSION_BACKOFF } from "./limits.ts";

export type Decision =
  | { readonly kind: "retry"; readonly delayMs: number }
  | { readonly kind: "dead"; readonly reason: string };

/**
 * What follows a failed execution.
 *
 * @param attempts failures before this one
 * @param random uniform in [0, 1)
 */
export function afterFailedExecution(error: SerializedError, attempts: number, random: () => number): Decision {
  const limit = attemptLimit(error);
  if (attempts + 1 < limit) return { kind: "retry", delayMs: backoffMs(EXECUTION_BACKOFF, attempts + 1, random) };
  return { kind: "dead", reason: limit === 1 ? error.message : `${error.message} (tried ${limit} times)` };
}

/** A trap, spent fuel or a malformed answer comes out the same every time; time and the outside world may change. */
function attemptLimit(error: SerializedError): number {
  // Another execution was in its way, which says nothing about this one.
  if (error.code === "key_value_conflict") return Infinity;
  if (error.code === "guest_error") return MAX_GUEST_ERROR_ATTEMPTS;
  if (error.retryable || error.code === "out_of_time") return MAX_EXECUTION_ATTEMPTS;
  return 1;
}

export interface SubmissionAge {
  readonly attempts: number;
  readonly ageMs: number;
  readonly ttlMs: number;
}

/** What follows a failure on the way from signature to receipt: retryable ones go on until the response expires. */
export function afterFailedSubmission(error: SerializedError, age: SubmissionAge, random: () => number): Decision {
  if (!error.retryable) return { kind: "dead", reason: error.message };
  const delayMs = backoffMs(SUBMISSION_BACKOFF, age.attempts + 1, random);
  if (age.ageMs + delayMs < age.ttlMs) return { kind: "retry", delayMs };
  return { kind: "dead", reason: `${error.message} (given up after ${Math.round(age.ageMs / 1000)} s)` };
}
