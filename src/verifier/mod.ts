import type { Context, LogLevel } from "@/context/mod.ts";
import { type LinkStats, type Remote, startWorker } from "@/link/mod.ts";
import { VERIFIER_CREDIT } from "./limits.ts";
import type { VerifierApi } from "./types.ts";

export { MAX_SUBMISSION_BYTES } from "./limits.ts";
export type { RefusalCode, Verdict, VerifiedSubmission, VerifierApi } from "./types.ts";
export { createVerifier } from "./verifier.ts";

export interface VerifierModules {
  readonly context: Context;
}

/** The verifier in its worker. */
export interface Verifier {
  readonly api: Remote<VerifierApi>;
  stats(): LinkStats & { readonly restarts: number };
  close(): void;
}

/** Starts the isolate that decodes what peers send; it has no permission at all. @throws WavsError `worker_lost` */
export async function startVerifier(
  options: { readonly logLevel: LogLevel },
  modules: VerifierModules,
): Promise<Verifier> {
  const worker = await startWorker<VerifierApi, object, undefined>({
    name: "verifier",
    entry: new URL("./worker.ts", import.meta.url),
    permissions: () => "none",
    logLevel: options.logLevel,
    credit: VERIFIER_CREDIT,
    boot: () => ({ boot: undefined }),
  }, { context: modules.context, handlers: {} });
  return { api: worker.remote, stats: () => worker.stats(), close: () => worker.close() };
}
