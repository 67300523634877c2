import type { Clock } from "@/context/mod.ts";
import type { WavsError } from "@/domain/errors.ts";

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends the wait earlier. */
  readonly signal: AbortSignal | undefined;
  readonly onTimeout: () => WavsError;
  readonly onAbort: () => WavsError;
}

/**
 * Waits for `work`, but not longer than a time and not after a signal; `work` learns of it through its own signal.
 *
 * @throws WavsError from `onTimeout` or `onAbort`, and whatever `work` throws
 */
export async function withDeadline<T>(
  options: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, timeoutMs, signal, onTimeout, onAbort } = options;
  if (signal?.aborted) throw onAbort();
  const over = new AbortController();
  const interrupted = Promise.withResolvers<never>();
  const abort = () => interrupted.reject(onAbort());
  signal?.addEventListener("abort", abort, { once: true });
  void clock.sleep(timeoutMs, over.signal).then(() => {
    if (!over.signal.aborted) interrupted.reject(onTimeout());
  });
  try {
    return await Promise.race([work(over.signal), interrupted.promise]);
  } finally {
    over.abort();
    signal?.removeEventListener("abort", abort);
  }
}
