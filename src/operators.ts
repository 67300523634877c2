import type { LandingAnnouncement } from "@/aggregator/types.ts";
import type { P2pConfig } from "@/config/mod.ts";
import { childContext, type Context, type LogLevel } from "@/context/mod.ts";
import type { Publish } from "@/dispatcher/mod.ts";
import {
  describeError,
  type RegistryChannel,
  type RegistrySnapshot,
  type ServiceId,
  type TransactionRow,
} from "@/domain/mod.ts";
import type { Journal } from "@/journal/mod.ts";
import {
  type LandingMessage,
  openIdentity,
  type P2pMain,
  type PeerLanding,
  type PeerMessage,
  type PeerNetworkStatus,
  startP2p,
  type Verdict,
} from "@/p2p/mod.ts";
import type { Handlers } from "@/link/mod.ts";
import { CatchUp, Intake, type IntakeResult, type SignerWeights } from "@/quorum/mod.ts";
import type { RegisteredService } from "@/services/types.ts";
import type { Metrics } from "@/telemetry/mod.ts";
import { startVerifier } from "@/verifier/mod.ts";
import { VERSION } from "@/version.ts";

export interface OperatorsOptions {
  readonly config: P2pConfig;
  readonly dataDirectory: string;
  readonly logLevel: LogLevel;
  readonly registryChannel: RegistryChannel;
}

export interface OperatorsModules {
  readonly context: Context;
  readonly journal: Journal;
  readonly registry: () => RegistrySnapshot;
  readonly services: { get(serviceId: ServiceId): RegisteredService | undefined };
  readonly weights: SignerWeights;
  readonly metrics: Metrics;
  /** Told where a transaction is said to be that brings an event to its handler. */
  readonly landed: (announcement: LandingAnnouncement) => Promise<void>;
}

/** The other operators: what they send is judged and stored, what this node signs and sends is told to them. */
export interface Operators extends AsyncDisposable {
  readonly publish: Publish;
  /** Tells them of a transaction that is about to be sent; it is a courtesy, and never fails. */
  announce(row: TransactionRow): void;
  /** Resolves once they are spoken to about the services of this revision of the registry. */
  settled(revision: number): Promise<void>;
  status(): Promise<PeerNetworkStatus>;
}

/**
 * Starts the two isolates between this node and other operators: one speaks to peers, the other reads what they send.
 *
 * @throws WavsError `p2p_identity_unusable`, `p2p_listen_failed`, `worker_lost`
 */
export async function startOperators(options: OperatorsOptions, modules: OperatorsModules): Promise<Operators> {
  await using stack = new AsyncDisposableStack();
  const { config, dataDirectory, logLevel, registryChannel } = options;
  const { context, journal, services, metrics } = modules;
  const { seed, peerId } = openIdentity(dataDirectory);
  const verifier = await startVerifier({ logLevel }, { context });
  stack.defer(() => verifier.close());
  const handlers = peerHandlers(modules, {
    intake: new Intake({ ...modules, context: childContext(context, "quorum"), verifier: verifier.api }),
    catchUp: new CatchUp({ ttlMs: config.submissionTtlSecs * 1000 }, { clock: context.clock, journal, services }),
  });
  const p2p = await startP2p({ config, seed, registryChannel, version: VERSION, logLevel }, { context, handlers });
  stack.defer(() => p2p.close());
  measurePeers(metrics, journal, () => p2p.api.status(undefined));
  context.log.info("Speaking to other operators", { peer: peerId, discovery: config.discovery });
  const running = stack.move();
  return {
    publish: (message, { signal }) => p2p.api.publish(message, { signal }),
    announce: (row) => {
      const message = landingOf(journal, row);
      if (message === undefined) return;
      p2p.api.announce(message).catch((error) => {
        context.log.debug("A transaction was not announced", { hash: row.hash, reason: describeError(error) });
      });
    },
    settled: (revision) => p2p.api.settled(revision),
    status: () => p2p.api.status(undefined),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function peerHandlers(
  { context, metrics, registry, landed }: OperatorsModules,
  { intake, catchUp }: { readonly intake: Intake; readonly catchUp: CatchUp },
): Handlers<P2pMain> {
  const count = metrics.counter({
    name: "wavs_peer_submissions_total",
    help: "Submissions of peers by what became of them",
    labels: ["result"],
  });
  return {
    received: async (message: PeerMessage) => {
      const result = await intake.take(message);
      count({ result: result.kind === "refused" ? result.code : result.kind });
      if (result.kind === "refused") {
        const { peer, via } = message;
        context.log.debug("A submission of a peer is refused", { peer, via, code: result.code, reason: result.reason });
      }
      return verdictOn(result);
    },
    landed: async ({ landing, peer }: PeerLanding) => {
      // Of a chain that is not configured, most likely: nothing of it is waited for.
      await landed(landing).catch((error) => {
        context.log.debug("An announcement of a peer is of no use", { peer, reason: describeError(error) });
      });
    },
    submissions: (query) => catchUp.submissions(query),
    registry: () => registry(),
  };
}

/** What is known already is passed on all the same: others may hear of it for the first time. */
function verdictOn(result: IntakeResult): Verdict {
  if (result.kind !== "refused") return "accept";
  return result.isPeersFault ? "reject" : "ignore";
}

function landingOf(
  journal: Journal,
  { actionId, chain, hash }: TransactionRow,
): { readonly serviceId: ServiceId; readonly landing: LandingMessage } | undefined {
  const { action, submissionId } = journal.actions.get(actionId);
  const { eventId, eventRow, signer } = journal.submissions.get(submissionId);
  if (action.kind !== "submit" || action.target.kind !== "evm" || signer === undefined) return undefined;
  const { serviceId } = journal.events.get(eventRow);
  return { serviceId, landing: { chain, handler: action.target.address, eventId, txHash: hash, operator: signer } };
}

const GAUGES = [
  { name: "wavs_peer_signatures", help: "Verified signatures of peers in the journal", labels: [] },
  { name: "wavs_p2p_peers", help: "Connected peers", labels: [] },
  { name: "wavs_p2p_banned_peers", help: "Peers that are cut off for what they sent", labels: [] },
] as const;

function measurePeers(metrics: Metrics, journal: Journal, status: () => Promise<PeerNetworkStatus>): void {
  metrics.gauges(GAUGES, async () => {
    const { peers, bannedPeers } = await status();
    const of = (value: number) => [{ labels: {}, value }];
    return new Map([
      ["wavs_peer_signatures", of(journal.peerSignatures.count())],
      ["wavs_p2p_peers", of(peers.length)],
      ["wavs_p2p_banned_peers", of(bannedPeers)],
    ]);
  });
}
