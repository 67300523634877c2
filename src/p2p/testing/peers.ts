import { createContext, type LogFields, type Logger } from "@/context/mod.ts";
import { bytesToBareHex, parseServiceId, type ServiceId } from "@/domain/mod.ts";
import type { P2pConfig } from "@/config/types.ts";
import { startLibp2pNetwork } from "../libp2p/network.ts";
import type { PeerLanding, PeerMessage, PeerNetwork, Verdict } from "../types.ts";

/** A service no other test takes part in: discovery on this machine finds the peers of all tests. */
export function randomService(): ServiceId {
  return parseServiceId(bytesToBareHex(crypto.getRandomValues(new Uint8Array(32))));
}

export interface TestPeer extends AsyncDisposable {
  readonly network: PeerNetwork;
  readonly peerId: string;
  /** Where it is reached on this machine, with its id. */
  readonly address: string;
  readonly received: PeerMessage[];
  readonly landings: PeerLanding[];
  readonly log: string[];
  /** What it tells peers that catch up. */
  submissions: Uint8Array[];
  /** What it thinks of the next messages. */
  verdict: Verdict;
  /** Told when a message has come. */
  onReceived: () => void;
}

export interface TestPeerOptions extends Partial<P2pConfig> {
  readonly seed?: Uint8Array;
}

export async function startTestPeer({ seed, ...overrides }: TestPeerOptions = {}): Promise<TestPeer> {
  const log: string[] = [];
  const received: PeerMessage[] = [];
  const landings: PeerLanding[] = [];
  const closing = new AbortController();
  const state: Pick<TestPeer, "submissions" | "verdict" | "onReceived"> = {
    submissions: [],
    verdict: "accept",
    onReceived: () => {},
  };
  const network = await startLibp2pNetwork({
    version: "0.0.0",
    config: { ...DEFAULTS, ...overrides },
    seed: seed ?? crypto.getRandomValues(new Uint8Array(32)),
  }, {
    context: createContext({ log: listLogger(log), signal: closing.signal }),
    handlers: {
      received: (message) => {
        received.push(message);
        state.onReceived();
        return Promise.resolve(state.verdict);
      },
      landed: (landing) => {
        landings.push(landing);
        return Promise.resolve();
      },
      submissions: () => Promise.resolve(state.submissions),
    },
  });
  const { localPeerId, listenAddresses } = network.status();
  const address = listenAddresses.find((text) => text.startsWith("/ip4/127.0.0.1/")) ?? "";
  return Object.assign(state, {
    network,
    peerId: localPeerId,
    address,
    received,
    landings,
    log,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await network[Symbol.asyncDispose]();
    },
  });
}

export const DEFAULTS: P2pConfig = {
  discovery: "remote",
  listenPort: 0,
  bootstrapNodes: [],
  allowedPeers: [],
  announceAddresses: [],
  maxRetryDurationSecs: 10,
  retryIntervalMs: 200,
  submissionTtlSecs: 300,
  maxCatchupSubmissions: 100,
  cleanupIntervalSecs: 60,
  kademliaDiscoveryIntervalSecs: 60,
  maxPendingPublishes: 1000,
  maxStoredSubmissionsPerService: 500,
  catchupRequestTimeoutSecs: 30,
  maxConcurrentCatchupRequestsPerService: 3,
};

function listLogger(lines: string[]): Logger {
  const write = (message: string, fields: LogFields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Logger = { error: write, warn: write, info: write, debug: write, trace: write, child: () => log };
  return log;
}
