import type { Context } from "@/context/mod.ts";
import { type Remote, startWorker } from "@/link/mod.ts";
import type { SignerApi, SignerBoot } from "./types.ts";

export { createSigner } from "./signer.ts";
export type { EnvelopeSignature, SignEnvelopeRequest, SignerApi, SignerBoot } from "./types.ts";

export interface SignerModules {
  readonly context: Context;
}

/** The signer in its worker. */
export interface Signer {
  readonly api: Remote<SignerApi>;
  close(): void;
}

/**
 * Starts the only isolate that holds private keys; it has no permission at all.
 *
 * @throws WavsError `invalid_mnemonic`, `invalid_private_key`; neither quotes a secret
 */
export async function startSigner(boot: SignerBoot, modules: SignerModules): Promise<Signer> {
  const worker = await startWorker<SignerApi, object, SignerBoot>({
    name: "signer",
    entry: new URL("./worker.ts", import.meta.url),
    permissions: () => "none",
    // It has nothing to tell: a signer that does not log cannot log a secret.
    logLevel: "error",
    keepsLogLevel: true,
    boot: () => ({ boot }),
  }, { context: modules.context, handlers: {} });
  return { api: worker.remote, close: () => worker.close() };
}
