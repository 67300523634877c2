import { serveWorker } from "@/link/mod.ts";
import { TriggersRunner } from "./runner.ts";
import type { TriggersApi, TriggersMain } from "./types.ts";

serveWorker<undefined, TriggersApi, TriggersMain>((_boot, context, main) => {
  const runner = new TriggersRunner({ context, main });
  // The link opens once this returns, which is before any timer.
  void context.clock.sleep(0).then(() => runner.start());
  return runner.handlers;
});
