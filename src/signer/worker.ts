import { serveWorker } from "@/link/mod.ts";
import { createSigner } from "./signer.ts";
import type { SignerApi, SignerBoot } from "./types.ts";

// The worker runs without any permission: what it holds can leave it only through its link.
serveWorker<SignerBoot, SignerApi, object>((boot) => createSigner(boot));
