import type { Context, LogLevel } from "@/context/mod.ts";
import { type Handlers, type LinkStats, type Remote, startWorker } from "@/link/mod.ts";
import { P2P_CREDIT } from "./limits.ts";
import { P2P_PERMISSIONS } from "./permissions.ts";
import type { P2pApi, P2pBoot, P2pMain } from "./types.ts";

export { type NetworkIdentity, openIdentity } from "./identity.ts";
export type { LandingMessage } from "./landing_message.ts";
export { topicOf } from "./topics.ts";
export type {
  NetworkPeerId,
  P2pApi,
  P2pMain,
  PeerLanding,
  PeerMessage,
  PeerNetworkStatus,
  SubmissionsQuery,
  Verdict,
} from "./types.ts";

export interface P2pOptions extends P2pBoot {
  readonly logLevel: LogLevel;
}

export interface P2pModules {
  readonly context: Context;
  readonly handlers: Handlers<P2pMain>;
}

/** The network between operators in its worker. */
export interface P2p {
  readonly api: Remote<P2pApi>;
  stats(): LinkStats & { readonly restarts: number };
  close(): void;
}

/** Starts the isolate that speaks to other operators. @throws WavsError `p2p_listen_failed`, `worker_lost` */
export async function startP2p({ logLevel, ...boot }: P2pOptions, modules: P2pModules): Promise<P2p> {
  const worker = await startWorker<P2pApi, P2pMain, P2pBoot>({
    name: "p2p",
    entry: new URL("./worker.ts", import.meta.url),
    permissions: () => P2P_PERMISSIONS,
    logLevel,
    credit: P2P_CREDIT,
    boot: () => ({ boot }),
  }, modules);
  return { api: worker.remote, stats: () => worker.stats(), close: () => worker.close() };
}
