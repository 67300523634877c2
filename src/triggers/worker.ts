import { serveWorker } from "@/link/mod.ts";
import { TriggersRunner } from "./runner.ts";
import type { TriggersApi, TriggersBoot, TriggersMain } from "./types.ts";

serveWorker<TriggersBoot, TriggersApi, TriggersMain>((boot, context, main) => {
  const runner = new TriggersRunner(boot, { context, main });
  // The link opens once this returns, which is before any timer.
  void context.clock.sleep(0).then(() => runner.start());
  return runner.handlers;
});
