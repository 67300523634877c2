import { serveWorker } from "@/link/mod.ts";
import { createEvmSubmitter } from "@/submission/mod.ts";
import { createAggregator } from "./aggregator.ts";
import type { AggregatorApi, AggregatorBoot, AggregatorMain } from "./types.ts";

// The composition root of the worker: here, and only here, the aggregator meets the submission of transactions.
serveWorker<AggregatorBoot, AggregatorApi, AggregatorMain>((boot, context, main) =>
  createAggregator(boot, { context, main, createSubmitter: createEvmSubmitter }).handlers
);
