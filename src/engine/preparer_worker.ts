import { serveWorker } from "@/link/mod.ts";
import { hideEnvironment } from "./component/jco/isolation.ts";
import { createPreparer } from "./prepare.ts";
import type { PreparerApi, PreparerBoot } from "./worker_types.ts";

// Hostile bytes are parsed, metered, compiled and transpiled here; nothing that comes of them is evaluated here.
serveWorker<PreparerBoot, PreparerApi, object>((boot) => {
  if (boot.runtime === "jco") hideEnvironment();
  return createPreparer(boot);
});
