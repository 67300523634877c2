import "./sodium.ts";
import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type { Socket } from "node:dgram";
import createDht from "@hyperswarm/dht";
import HypercoreClass from "hypercore";
import RandomAccessFile from "random-access-file";

/**
 * The door to the packages of the older Hypercore generation, with the types they lack: only what is used here. Only the
 * worker of feeds imports it, so a node without feeds never loads them.
 */

/** A feed on disk, and its replication. */
export interface Core extends EventEmitter {
  readonly key: Uint8Array;
  readonly discoveryKey: Uint8Array;
  /** Blocks that are known by a signature of the feed's key, whether they are here or not. */
  readonly length: number;
  /** Bytes of these blocks. */
  readonly byteLength: number;
  readonly fork: number;
  readonly peers: readonly Peer[];
  ready(): Promise<void>;
  get(index: number, options: { readonly wait: false }): Promise<Uint8Array | null>;
  download(range: { readonly start: number; readonly end: number; readonly linear: true }): { destroy(): void };
  /** Speaks for this feed on a stream made by {@link createProtocolStream}. */
  replicate(stream: ProtocolStream): ProtocolStream;
  close(): Promise<void>;
}

interface CoreOptions {
  /** The key itself is the public key, as in the reference's generation. */
  readonly compat: true;
  /** A peer with a rewritten history is not followed. */
  readonly allowFork: false;
}

/** Another one who has the feed open on a connection: messages come in through these methods. */
export interface Peer {
  readonly stream: NoiseStream;
  readonly inflight: number;
  readonly remoteLength: number;
  readonly remoteSynced: boolean;
  readonly remoteRequests: { readonly size: number };
  onsync(message: { readonly fork: number; readonly length: number }): Promise<void>;
  onrange(message: { readonly drop: boolean; readonly start: number; readonly length: number }): void;
  onbitfield(message: { readonly start: number; readonly bitfield: Uint8Array }): void;
  onwant(message: { readonly start: number; readonly length: number }): void;
  onrequest(message: unknown): Promise<void>;
  onnodata(message: { readonly request: number }): void;
  readonly replicator: { readonly _inflight: { get(id: number): PeerRequest | null } };
}

export interface PeerRequest {
  readonly peer: Peer;
  readonly block: { readonly index: number } | null;
}

/** The encrypted stream of a connection. */
export interface NoiseStream extends EventEmitter {
  readonly userData: Mux;
  readonly opened: Promise<boolean>;
  setKeepAlive(ms: number): void;
  destroy(error?: Error): void;
}

/** The outside of a {@link NoiseStream}: what is read from it goes to the socket, and the other way round. */
export interface ProtocolStream extends Duplex {
  readonly noiseStream: NoiseStream;
}

/** The channels of a connection. */
export interface Mux {
  _safeDestroy(error: Error): void;
  _safeDestroyBound(error: Error): void;
  _warn(error: Error): void;
}

interface CoreStatic {
  new (storage: (name: string) => unknown, key: Uint8Array, options: CoreOptions): Core & ConflictHandler;
  createProtocolStream(
    isInitiator: boolean,
    options: { readonly keepAlive: false; readonly ondiscoverykey?: (discoveryKey: Uint8Array | null) => void },
  ): ProtocolStream;
}

/** A node of the older DHT, which finds who has a feed. */
export interface Dht extends EventEmitter {
  /** Answers what others ask; replaced, since this node answers nobody. */
  onrequest: () => void;
  lookup(topic: Uint8Array): PeerQuery;
  /** A lookup that leaves our port with the nodes closest to the topic. */
  announce(topic: Uint8Array, options: { readonly port: number }): PeerQuery;
  destroy(): void;
}

/** Emits `data` with a {@link FoundPeers} for every node that knows of somebody. */
export interface PeerQuery extends EventEmitter {
  destroy(): void;
}

export interface FoundPeers {
  readonly peers: readonly PeerAddress[] | null;
}

/** An IPv4 address and a TCP port. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** Closes the feed by default. */
interface ConflictHandler {
  _oncoreconflict(proof: unknown, from: Peer): Promise<void>;
}

const Hypercore = HypercoreClass as unknown as CoreStatic;

/** Makes the stream that speaks the protocol on one connection. */
export const createProtocolStream = Hypercore.createProtocolStream.bind(Hypercore);

/** A feed that goes on when its owner signs two histories: it is `onConflict`'s to decide about who showed it. */
class SteadfastCore extends Hypercore {
  onConflict: (from: Peer) => void = () => {};

  override _oncoreconflict(_proof: unknown, from: Peer): Promise<void> {
    this.onConflict(from);
    return Promise.resolve();
  }
}

export interface OpenCoreOptions {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly directory: string;
  readonly onConflict: (from: Peer) => void;
}

/** Opens the feed kept in `directory`, or begins one. */
export async function openCore({ key, directory, onConflict }: OpenCoreOptions): Promise<Core> {
  const core = new SteadfastCore(fileStorage(directory), key, { compat: true, allowFork: false });
  core.onConflict = onConflict;
  await core.ready();
  return core;
}

export const newDht = createDht as unknown as (options: {
  /** `host:port`; the built-in ones when left out. */
  readonly bootstrap?: readonly string[];
  readonly ephemeral: true;
  readonly socket: Socket;
}) => Dht;

/** Files of a feed in `directory`, without the native locks and holes that others have. */
function fileStorage(directory: string): (name: string) => unknown {
  return (name) => new RandomAccessFile(name, { directory, lock: false, sparse: false });
}
