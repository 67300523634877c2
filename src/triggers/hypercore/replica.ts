import { type Context, SETTLED } from "@/context/mod.ts";
import { describeError } from "@/domain/errors.ts";
import { hexToBytes } from "@/domain/hex.ts";
import type { Connection } from "./connection.ts";
import type { FeedKey } from "./feed_key.ts";
import { type Core, type NoiseStream, openCore, type Peer } from "./library.ts";
import { FETCH_AHEAD_BLOCKS, MAX_FEED_BYTES } from "./limits.ts";
import { guardPeer } from "./peer_guard.ts";

export interface ReplicaOptions {
  readonly feedKey: FeedKey;
  /** Where the feed's files are. */
  readonly directory: string;
}

/** Our copy of one feed: on disk, fetched from whoever has it, every block checked against the feed's key. */
export class Replica implements AsyncDisposable {
  readonly #core: Core;
  readonly #connections = new Map<NoiseStream, Connection>();
  #change = new AbortController();
  #fetching: { readonly start: number; readonly end: number; destroy(): void } | undefined;

  private constructor(core: Core) {
    this.#core = core;
    core.on("append", () => this.#changed());
    core.on("peer-add", (peer: Peer) => this.#onPeer(peer));
    core.on("peer-remove", () => this.#changed());
    core.on("download", (_index: number, byteLength: number, from: Peer) => {
      this.#connections.get(from.stream)?.delivered(byteLength);
      this.#changed();
    });
    core.on(
      "verification-error",
      (error: unknown, _request: unknown, _data: unknown, from: Peer) =>
        this.#drop(from, `what it sent is not of this feed: ${describeError(error)}`),
    );
  }

  /** @throws Error when the files cannot be read */
  static async open({ feedKey, directory }: ReplicaOptions, context: Context): Promise<Replica> {
    const onConflict = (from: Peer) =>
      replica.#drop(from, "the feed's owner signed two histories, this is the other one");
    const options = { key: hexToBytes(feedKey), directory, onConflict };
    let core: Core;
    try {
      core = await openCore(options);
    } catch (error) {
      // All of it can be had again from others, and the position is not kept here.
      context.log.error("The stored feed is no use, it is fetched anew", { directory, error: describeError(error) });
      await Deno.remove(directory, { recursive: true });
      core = await openCore(options);
    }
    const replica = new Replica(core);
    return replica;
  }

  get discoveryKey(): Uint8Array {
    return this.#core.discoveryKey;
  }

  /** Blocks known to exist. */
  get length(): number {
    return this.#core.length;
  }

  get isConnected(): boolean {
    return this.#core.peers.length > 0;
  }

  get connections(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  /** Aborts at the next change of anything above, and when a block came. */
  get change(): AbortSignal {
    return this.#change.signal;
  }

  /** Speaks for this feed on a connection. */
  attach(connection: Connection): void {
    this.#connections.set(connection.noise, connection);
    void connection.ended.then(() => {
      this.#connections.delete(connection.noise);
      this.#changed();
    });
    this.#core.replicate(connection.stream);
  }

  /** The block at `index`, or `undefined` while it is not here: it is fetched then, and some that follow it. */
  async read(index: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.fullReason === undefined) this.#fetchFrom(index);
    const block = await this.#core.get(index, { wait: false });
    // A copy, since the library's may be a part of something larger.
    return block === null ? undefined : new Uint8Array(block);
  }

  /** Why no more of the feed is fetched, if it is too large. */
  get fullReason(): string | undefined {
    const { byteLength } = this.#core;
    if (byteLength <= MAX_FEED_BYTES) return undefined;
    return `The feed has ${byteLength} bytes, the limit is ${MAX_FEED_BYTES}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fetching?.destroy();
    for (const connection of this.#connections.values()) connection.close("the feed is left");
    await this.#core.close();
    this.#changed();
  }

  #fetchFrom(index: number): void {
    const end = Math.min(this.#core.length, index + FETCH_AHEAD_BLOCKS);
    if (end <= index) return;
    const current = this.#fetching;
    const hasRoom = current === undefined || index < current.start ||
      (current.end < end && current.end - index <= FETCH_AHEAD_BLOCKS / 2);
    if (!hasRoom) return;
    current?.destroy();
    const range = this.#core.download({ start: index, end, linear: true });
    this.#fetching = { start: index, end, destroy: () => range.destroy() };
  }

  #onPeer(peer: Peer): void {
    const connection = this.#connections.get(peer.stream);
    // A connection is attached before the protocol runs on it.
    if (connection === undefined) return peer.stream.destroy();
    connection.opened(() => peer.inflight > 0);
    guardPeer(peer, this.#core, (offence) => connection.drop(offence));
    this.#changed();
  }

  #drop(peer: Peer, offence: string): void {
    this.#connections.get(peer.stream)?.drop(offence);
  }

  #changed(): void {
    const change = this.#change;
    this.#change = new AbortController();
    change.abort(SETTLED);
  }
}
