import { type Message, TopicValidatorResult } from "@libp2p/gossipsub";
import type { Connection, IdentifyResult, PeerId } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { childContext, type Context } from "@/context/mod.ts";
import { describeError, type ServiceId, WavsError } from "@/domain/mod.ts";
import { Conduct } from "../conduct.ts";
import { MAX_CATCH_UP_ITEM_BYTES, MAX_MESSAGE_BYTES, UPKEEP_INTERVAL_MS } from "../limits.ts";
import { landedTopicOf, topicOf } from "../topics.ts";
import { decodeLandingMessage, encodeLandingMessage, type LandingMessage } from "../landing_message.ts";
import type {
  NetworkPeerId,
  PeerMessage,
  PeerNetwork,
  PeerNetworkHandlers,
  PeerNetworkStatus,
  PublishResult,
  Verdict,
} from "../types.ts";
import { isDialable } from "./addresses.ts";
import { CATCH_UP_PROTOCOL, CatchUp } from "./catch_up.ts";
import { Dialer } from "./dialer.ts";
import { type GossipInternals, internalsOf } from "./gossip_internals.ts";
import {
  keepFramesShort,
  openStreamsInParallel,
  paceIntake,
  StreamKeeper,
  surviveBrokenStreams,
} from "./gossip_repairs.ts";
import { type Host, type HostOptions, startHost } from "./host.ts";
import { LocalDiscovery } from "./mdns.ts";
import { RemoteDiscovery } from "./remote_discovery.ts";

export interface Libp2pModules {
  readonly context: Context;
  readonly handlers: PeerNetworkHandlers;
}

/**
 * Starts the network that the Rust nodes form, too (spec/network.md 5).
 *
 * @throws WavsError `p2p_listen_failed`
 */
export async function startLibp2pNetwork(options: HostOptions, modules: Libp2pModules): Promise<PeerNetwork> {
  const closing = new AbortController();
  const context = { ...modules.context, signal: AbortSignal.any([modules.context.signal, closing.signal]) };
  const conduct = new Conduct();
  const allowed = new Set(options.config.allowedPeers);
  const isUnwanted = (peer: PeerId) =>
    (allowed.size > 0 && !allowed.has(peer.toString())) ||
    conduct.isBanned(peer.toString(), context.clock.monotonic());
  const host = await startHost(options, {
    log: childContext(context, "libp2p").log,
    gater: {
      denyDialMultiaddr: (address) => !isDialable(address),
      denyDialPeer: isUnwanted,
      denyInboundEncryptedConnection: isUnwanted,
    },
  });
  return new Libp2pNetwork(options, { ...modules, context, conduct, host, closing });
}

interface NetworkParts extends Libp2pModules {
  readonly conduct: Conduct;
  readonly host: Host;
  readonly closing: AbortController;
}

const VERDICTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

class Libp2pNetwork implements PeerNetwork {
  readonly #parts: NetworkParts;
  readonly #router: GossipInternals;
  readonly #dialer: Dialer;
  readonly #catchUp: CatchUp;
  readonly #streams: StreamKeeper;
  /** By topics of submissions. */
  readonly #joined = new Map<string, ServiceId>();
  readonly #landedTopics = new Set<string>();
  /** Connected peers that speak gossip, by their ids. */
  readonly #operators = new Map<string, PeerId>();
  readonly #discovery: LocalDiscovery | RemoteDiscovery;
  readonly #running: Promise<void>;

  constructor({ config }: HostOptions, parts: NetworkParts) {
    this.#parts = parts;
    const { context, host } = parts;
    this.#router = internalsOf(host.services.gossip);
    openStreamsInParallel(this.#router);
    keepFramesShort(this.#router);
    paceIntake(this.#router, {
      context,
      isJoined: (topic) => this.#joined.has(topic) || this.#landedTopics.has(topic),
      delayMs: (peerId, tokens) => parts.conduct.delayMs(peerId, tokens, context.clock.monotonic()),
    });
    surviveBrokenStreams(this.#router, {
      log: context.log,
      isConnected: (peerId) => this.#connectionTo(peerId.toString()) !== undefined,
      drop: (peerId, reason) => this.#connectionTo(peerId.toString())?.abort(reason),
    });
    this.#streams = new StreamKeeper(this.#router, context);
    this.#dialer = new Dialer(config.bootstrapNodes.map((address) => multiaddr(address)), {
      context,
      isConnected: (peerId) => this.#connectionTo(peerId) !== undefined,
      dial: async (addresses, signal) => (await host.dial(addresses, { signal })).remotePeer.toString(),
    });
    this.#catchUp = new CatchUp(config, {
      context,
      handlers: parts.handlers,
      isJoined: (serviceId) => this.#joined.has(topicOf(serviceId)),
      connectionTo: (peerId) => this.#connectionTo(peerId),
      take: (peerId, serviceId, items) => this.#take(peerId, serviceId, items),
    });
    this.#listen();
    this.#discovery = config.discovery === "local"
      ? new LocalDiscovery({
        context,
        addresses: () => host.getMultiaddrs().map(String),
        heard: ({ peerId, addresses }) => {
          if (peerId !== host.peerId.toString()) this.#dialer.found(peerId, addresses, true);
        },
      })
      : new RemoteDiscovery(host, {
        context,
        intervalMs: config.kademliaDiscoveryIntervalSecs * 1000,
        found: (peerId, addresses) => this.#dialer.found(peerId, addresses, false),
      });
    this.#running = this.#upkeep();
  }

  join(serviceId: ServiceId): void {
    const topic = topicOf(serviceId);
    if (this.#joined.has(topic)) return;
    const { gossip } = this.#parts.host.services;
    this.#joined.set(topic, serviceId);
    gossip.topicValidators.set(topic, (peer, message) => this.#judge(serviceId, peer, message));
    gossip.subscribe(topic);
    const landed = landedTopicOf(serviceId);
    this.#landedTopics.add(landed);
    gossip.topicValidators.set(landed, (peer, message) => this.#hear(serviceId, peer, message));
    gossip.subscribe(landed);
    for (const peerId of this.#operators.keys()) this.#catchUp.want(peerId, serviceId);
  }

  leave(serviceId: ServiceId): void {
    const topic = topicOf(serviceId);
    if (!this.#joined.delete(topic)) return;
    const { gossip } = this.#parts.host.services;
    this.#landedTopics.delete(landedTopicOf(serviceId));
    for (const left of [topic, landedTopicOf(serviceId)]) {
      gossip.unsubscribe(left);
      gossip.topicValidators.delete(left);
    }
  }

  async publish(serviceId: ServiceId, bytes: Uint8Array): Promise<PublishResult> {
    this.#requireJoined(serviceId);
    if (bytes.length > MAX_MESSAGE_BYTES) {
      throw new WavsError("p2p_too_large", {
        message: `Cannot send a submission of ${bytes.length} bytes to other operators because they take at most ` +
          `${MAX_MESSAGE_BYTES}; let the component answer with less`,
        retryable: false,
        meta: { bytes: bytes.length, maxBytes: MAX_MESSAGE_BYTES },
      });
    }
    return await this.#publish(topicOf(serviceId), bytes);
  }

  async announce(serviceId: ServiceId, landing: LandingMessage): Promise<PublishResult> {
    this.#requireJoined(serviceId);
    return await this.#publish(landedTopicOf(serviceId), encodeLandingMessage(landing));
  }

  status(): PeerNetworkStatus {
    const { host } = this.#parts;
    const addresses = host.getMultiaddrs().map(String).filter((address) => !address.includes("/ip4/0.0.0.0/"));
    return {
      localPeerId: host.peerId.toString() as NetworkPeerId,
      listenAddresses: addresses,
      externalAddresses: addresses,
      bannedPeers: this.#parts.conduct.banned(this.#parts.context.clock.monotonic()),
      peers: host.getPeers().map((peer) => peer.toString() as NetworkPeerId),
      topics: new Map([...this.#joined.keys()].map((topic) => [topic, this.#reached(topic)])),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.closing.abort();
    await this.#running;
    await this.#discovery[Symbol.asyncDispose]();
    await this.#parts.host.stop();
  }

  #requireJoined(serviceId: ServiceId): void {
    if (this.#joined.has(topicOf(serviceId))) return;
    throw new WavsError("p2p_not_joined", {
      message: `Cannot publish for service "${serviceId}" because this node does not take part in it`,
      retryable: true,
    });
  }

  async #publish(topic: string, bytes: Uint8Array): Promise<PublishResult> {
    try {
      const { recipients } = await this.#parts.host.services.gossip.publish(topic, bytes);
      return { peers: recipients.length };
    } catch (error) {
      if (describeError(error) === "PublishError.NoPeersSubscribedToTopic") return { peers: 0 };
      throw error;
    }
  }

  /** Peers that are sent what is published: those of the mesh, and direct ones that have the topic. */
  #reached(topic: string): number {
    const listening = this.#router.topics.get(topic) ?? new Set();
    const mesh = this.#router.mesh.get(topic) ?? new Set();
    return [...listening].filter((peerId) => mesh.has(peerId) || this.#router.direct.has(peerId)).length;
  }

  #listen(): void {
    const { context, host } = this.#parts;
    host.addEventListener("peer:identify", ({ detail }) => this.#identified(detail));
    host.addEventListener("peer:disconnect", ({ detail: peer }) => {
      this.#operators.delete(peer.toString());
      this.#router.direct.delete(peer.toString());
    });
    host.services.gossip.addEventListener("subscription-change", ({ detail: { peerId, subscriptions } }) => {
      // It has joined, or opened its stream anew: what it said before may not have come.
      for (const { topic, subscribe } of subscriptions) {
        const serviceId = this.#joined.get(topic);
        if (subscribe && serviceId !== undefined) this.#catchUp.want(peerId.toString(), serviceId);
      }
    });
    host.handle(CATCH_UP_PROTOCOL, (stream, connection) => this.#catchUp.answer(stream, connection), {
      maxInboundStreams: 8,
      maxOutboundStreams: 8,
    }).catch((error) => context.log.error("Nobody can catch up from this node", { reason: describeError(error) }));
  }

  /**
   * Every peer that speaks gossip is a direct one: Rust nodes treat all they know so, and answer GRAFT with PRUNE
   * (spec/network.md 5.5).
   */
  #identified({ peerId, protocols, listenAddrs }: IdentifyResult): void {
    const id = peerId.toString();
    if (!protocols.some((protocol) => protocol.startsWith("/meshsub/"))) return;
    if (this.#connectionTo(id) === undefined) return;
    this.#operators.set(id, peerId);
    this.#router.direct.add(id);
    this.#dialer.found(id, listenAddrs, false);
    if (this.#discovery instanceof RemoteDiscovery) this.#discovery.soon();
    if (!protocols.includes(CATCH_UP_PROTOCOL)) return;
    for (const serviceId of this.#joined.values()) this.#catchUp.want(id, serviceId);
  }

  #connectionTo(peerId: string): Connection | undefined {
    return this.#parts.host.getConnections().find(({ remotePeer, status }) =>
      status === "open" && remotePeer.toString() === peerId
    );
  }

  async #judge(serviceId: ServiceId, peer: PeerId, message: Message): Promise<TopicValidatorResult> {
    if (this.#isOwn(message)) return TopicValidatorResult.Ignore;
    // A copy, since what it is a part of is kept by the library.
    const bytes = new Uint8Array(message.data);
    return VERDICTS[await this.#receive({ serviceId, peer: peer.toString() as NetworkPeerId, via: "gossip", bytes })];
  }

  /** Takes an announcement of a transaction: what it says is looked up elsewhere, only its form is judged here. */
  async #hear(serviceId: ServiceId, from: PeerId, message: Message): Promise<TopicValidatorResult> {
    if (this.#isOwn(message)) return TopicValidatorResult.Ignore;
    const { context, handlers } = this.#parts;
    const peer = from.toString() as NetworkPeerId;
    let landing: LandingMessage;
    try {
      landing = decodeLandingMessage(message.data);
    } catch (error) {
      context.log.debug("An announcement of a peer is refused", { peer, reason: describeError(error) });
      this.#countAgainst(peer);
      return TopicValidatorResult.Reject;
    }
    try {
      await handlers.landed({ serviceId, peer, landing });
    } catch (error) {
      context.log.debug("An announcement of a peer was lost", { peer, reason: describeError(error) });
      return TopicValidatorResult.Ignore;
    }
    return TopicValidatorResult.Accept;
  }

  #isOwn(message: Message): boolean {
    return message.type === "signed" && message.from.equals(this.#parts.host.peerId);
  }

  async #take(peerId: string, serviceId: ServiceId, items: readonly Uint8Array[]): Promise<void> {
    for (const item of items) {
      if (this.#parts.context.signal.aborted || !this.#joined.has(topicOf(serviceId))) return;
      if (item.length > MAX_CATCH_UP_ITEM_BYTES) {
        this.#parts.context.log.debug("A submission is too long", { peer: peerId, serviceId, bytes: item.length });
        continue;
      }
      const bytes = new Uint8Array(item);
      await this.#receive({ serviceId, peer: peerId as NetworkPeerId, via: "catch_up", bytes });
    }
  }

  async #receive(message: PeerMessage): Promise<Verdict> {
    const { context, handlers } = this.#parts;
    let verdict: Verdict;
    try {
      verdict = await handlers.received(message);
    } catch (error) {
      if (!context.signal.aborted) {
        context.log.warn("A message of a peer was lost", { peer: message.peer, reason: describeError(error) });
      }
      return "ignore";
    }
    if (verdict === "reject") this.#countAgainst(message.peer);
    return verdict;
  }

  #countAgainst(peerId: NetworkPeerId): void {
    const { context, conduct, host } = this.#parts;
    if (!conduct.reject(peerId, context.clock.monotonic())) return;
    context.log.warn("A peer sends what is not true, and is cut off", { peer: peerId });
    const peer = this.#operators.get(peerId);
    if (peer !== undefined) void host.hangUp(peer).catch(() => {});
  }

  async #upkeep(): Promise<void> {
    const { clock, signal } = this.#parts.context;
    while (!signal.aborted) {
      this.#dialer.upkeep();
      this.#catchUp.upkeep();
      const connections = [...this.#operators.keys()].map((peerId) => this.#connectionTo(peerId));
      this.#streams.upkeep(connections.filter((connection) => connection !== undefined));
      await clock.sleep(UPKEEP_INTERVAL_MS, signal);
    }
  }
}
