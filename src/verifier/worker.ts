import { serveWorker } from "@/link/mod.ts";
import type { VerifierApi } from "./types.ts";
import { createVerifier } from "./verifier.ts";

// The worker runs without any permission: what it reads is whatever a stranger sent.
serveWorker<undefined, VerifierApi, object>(() => createVerifier());
