import type { Connection, PeerId } from "@libp2p/interface";
import type { Context, Logger } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import { BYTES_PER_TOKEN, MAX_FRAME_BYTES, MAX_REOPENED_STREAMS } from "../limits.ts";
import type { GossipInternals, StreamRequest } from "./gossip_internals.ts";
import { type Rpc, splitRpc } from "./rpc_parts.ts";

/**
 * Keeps every frame below the length at which other nodes end the stream: the router answers an IWANT with all messages
 * in one frame, tells all subscriptions in one, and lets control messages ride along whatever the length.
 */
export function keepFramesShort(router: GossipInternals): void {
  const send = router.sendRpc.bind(router);
  router.sendRpc = (peerId, rpc) => {
    if (!router.streamsOutbound.has(peerId)) return send(peerId, rpc);
    // What waits to ride along is taken from the router, which would add it to the first part.
    const riders: Rpc = { subscriptions: [], messages: [] };
    const control = router.control.get(peerId);
    const ihave = router.gossip.get(peerId);
    router.control.delete(peerId);
    router.gossip.delete(peerId);
    if (control !== undefined) router.piggybackControl(peerId, riders, control);
    if (ihave !== undefined) router.piggybackGossip(peerId, riders, ihave);
    const parts = [...splitRpc(riders, MAX_FRAME_BYTES), ...splitRpc(rpc, MAX_FRAME_BYTES)];
    return parts.map((part) => send(peerId, part)).every((sent) => sent);
  };
}

/**
 * Opens streams to different peers side by side: one after the other, as the router does, a peer that answers late holds
 * up all others.
 */
export function openStreamsInParallel(router: GossipInternals): void {
  const opening = new Set<string>();
  const open = async ({ peerId, connection }: StreamRequest) => {
    const id = peerId.toString();
    if (opening.has(id)) return;
    opening.add(id);
    try {
      await router.createOutboundStream(peerId, connection);
    } finally {
      opening.delete(id);
    }
  };
  router.outboundInflightQueue.end();
  router.outboundInflightQueue = { push: (request) => void open(request), end: () => {} };
}

export interface IntakeModules {
  readonly context: Context;
  readonly isJoined: (topic: string) => boolean;
  /** How long a peer that sent something of so many tokens is to wait, in milliseconds. */
  readonly delayMs: (peerId: string, tokens: number) => number;
}

/**
 * Reads from each peer as fast as it may send, and takes messages of joined topics only: the router would keep and pass
 * on any.
 */
export function paceIntake(router: GossipInternals, { context, isJoined, delayMs }: IntakeModules): void {
  const handle = router.handleReceivedRpc.bind(router);
  router.handleReceivedRpc = async (from, rpc) => {
    const delay = delayMs(from.toString(), tokensOf(rpc));
    if (delay > 0) await context.clock.sleep(delay, context.signal);
    if (context.signal.aborted) return;
    await handle(from, { ...rpc, messages: rpc.messages.filter(({ topic }) => isJoined(topic)) });
  };
}

function tokensOf({ messages, subscriptions, control }: Rpc): number {
  const bytes = messages.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  const entries = control === undefined ? 0 : Object.values(control).reduce((sum, list) => sum + list.length, 0);
  return 1 + messages.length + (subscriptions.length + entries) / 8 + bytes / BYTES_PER_TOKEN;
}

/** What a frame that no node sends ends a stream with. */
const FRAME_ERRORS: ReadonlySet<string> = new Set([
  "InvalidMessageLengthError",
  "InvalidDataLengthError",
  "InvalidDataLengthLengthError",
]);

export interface BrokenStreamModules {
  readonly log: Logger;
  readonly isConnected: (peerId: PeerId) => boolean;
  /** Ends the peer's connection; it is made anew. */
  readonly drop: (peerId: PeerId, reason: Error) => void;
}

/**
 * Keeps what is known of a peer when one of its streams ends, and ends its connection when a stream cannot be read any
 * further.
 *
 * The router forgets the peer's topics in both cases, without a word to it. But of two connections that were made at the
 * same time one is closed again, with its streams, and the peer, which is still connected, does not tell its topics anew;
 * and one whose frames are too long would never hear that it is not heard any more.
 */
export function surviveBrokenStreams(router: GossipInternals, modules: BrokenStreamModules): void {
  const { log, isConnected, drop } = modules;
  const forget = router.handlePeerReadStreamError.bind(router);
  router.handlePeerReadStreamError = (error, peerId) => {
    if (!FRAME_ERRORS.has(error.name)) {
      if (!isConnected(peerId)) forget(error, peerId);
      return;
    }
    forget(error, peerId);
    const fields = { peer: peerId.toString(), reason: describeError(error) };
    log.debug("A peer's stream cannot be read, closing its connection", fields);
    drop(peerId, error);
  };
}

/** How long a connection may be without a stream of gossip before one is opened anew. */
const GRACE_MS = 1_000;

interface Watched {
  /** Since when it has no stream. */
  lostMs: number | undefined;
  reopened: number;
}

/**
 * Opens the outbound stream of gossip anew where a peer has reset it, or will not read it: the router never does, and
 * would hear the peer but not be heard. Rust nodes close their half of a stream that they have stopped reading.
 */
export class StreamKeeper {
  readonly #router: GossipInternals;
  readonly #context: Context;
  readonly #watched = new WeakMap<Connection, Watched>();

  constructor(router: GossipInternals, context: Context) {
    this.#router = router;
    this.#context = context;
  }

  /** @param connections one of each peer that speaks gossip */
  upkeep(connections: Iterable<Connection>): void {
    const nowMs = this.#context.clock.monotonic();
    for (const connection of connections) {
      const watched = this.#watched.get(connection) ?? { lostMs: undefined, reopened: 0 };
      this.#watched.set(connection, watched);
      const id = connection.remotePeer.toString();
      const stream = this.#router.streamsOutbound.get(id)?.rawStream;
      const isRead = stream?.status === "open" && stream.remoteWriteStatus !== "closed";
      if (stream !== undefined && !isRead) {
        stream.abort(new Error("its reader has left"));
        // The router hears of the end of a stream only if it listened already when it came.
        this.#router.streamsOutbound.delete(id);
      }
      if (isRead) watched.lostMs = undefined;
      else if (watched.lostMs === undefined) watched.lostMs = nowMs;
      else if (nowMs - watched.lostMs >= GRACE_MS) this.#reopen(connection, watched, nowMs);
    }
  }

  #reopen(connection: Connection, watched: Watched, nowMs: number): void {
    const fields = { peer: connection.remotePeer.toString(), reopened: watched.reopened };
    watched.lostMs = nowMs;
    if (watched.reopened++ < MAX_REOPENED_STREAMS) {
      this.#context.log.debug("A stream of gossip was lost, opening another", fields);
      this.#router.onPeerConnected(connection.remotePeer, connection);
      return;
    }
    this.#context.log.info("A peer ends every stream of gossip, closing its connection", fields);
    connection.abort(new Error("no stream of gossip can be opened"));
  }
}
