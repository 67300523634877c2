import type { Context, LogLevel } from "@/context/mod.ts";
import type { ChainConfig } from "@/domain/mod.ts";
import { type Handlers, type LinkStats, type Remote, startWorker } from "@/link/mod.ts";
import { AGGREGATOR_CREDIT } from "./limits.ts";
import { chainPermissions } from "./permissions.ts";
import type { AggregatorApi, AggregatorBoot, AggregatorMain } from "./types.ts";

export { type Aggregator, type AggregatorModules as InThreadModules, createAggregator } from "./aggregator.ts";
export type {
  AggregatorApi,
  AggregatorBoot,
  AggregatorMain,
  ChainHealth,
  QuorumOutcome,
  SignerWeightRequest,
  SubmitOutcome,
  SubmitRequest,
  TransactionRow,
  ValidateRequest,
} from "./types.ts";

export interface AggregatorOptions extends AggregatorBoot {
  readonly logLevel: LogLevel;
  /** The configured chains, asked at every start: their endpoints are all the worker may connect to. */
  readonly chains: () => readonly ChainConfig[];
}

export interface AggregatorWorkerModules {
  readonly context: Context;
  /** What the worker may ask of main. */
  readonly handlers: Handlers<AggregatorMain>;
}

/** The aggregator in its worker. */
export interface AggregatorWorker {
  readonly api: Remote<AggregatorApi>;
  stats(): LinkStats & { readonly restarts: number };
  /** For chains that changed; calls under way fail with `worker_lost`, which is retryable. */
  restart(): Promise<void>;
  close(): void;
}

/** Starts the isolate that reads and writes chains; it holds no key. @throws WavsError `worker_lost` */
export async function startAggregator(
  options: AggregatorOptions,
  modules: AggregatorWorkerModules,
): Promise<AggregatorWorker> {
  const worker = await startWorker<AggregatorApi, AggregatorMain, AggregatorBoot>({
    name: "aggregator",
    entry: new URL("./worker.ts", import.meta.url),
    permissions: () => chainPermissions(options.chains()),
    logLevel: options.logLevel,
    credit: AGGREGATOR_CREDIT,
    boot: () => ({ boot: { registryChannel: options.registryChannel } }),
  }, modules);
  return {
    api: worker.remote,
    stats: () => worker.stats(),
    restart: () => worker.restart(),
    close: () => worker.close(),
  };
}
