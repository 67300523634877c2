import "./no_environment.ts";
import { serveWorker } from "@/link/mod.ts";
import { P2pRunner } from "./runner.ts";
import type { P2pApi, P2pBoot, P2pMain } from "./types.ts";

serveWorker<P2pBoot, P2pApi, P2pMain>(async (boot, context, main) => {
  const runner = await P2pRunner.open(boot, { context, main });
  // The link opens once this returns, which is before any timer.
  void context.clock.sleep(0).then(() => runner.start());
  return runner.handlers;
});
