import { createServer, type Server, type Socket } from "node:net";
import type { Context } from "@/context/mod.ts";
import { describeError, WavsError } from "@/domain/errors.ts";
import { bytesToBareHex } from "@/domain/hex.ts";
import { Connection, type ConnectionEnd } from "./connection.ts";
import { Discovery, type DiscoveryOptions } from "./discovery.ts";
import type { FeedKey } from "./feed_key.ts";
import { MAX_FEEDS, MAX_INCOMING, MAX_PEER_WARNINGS_PER_MINUTE } from "./limits.ts";
import { Replica } from "./replica.ts";
import { Seeker } from "./seeker.ts";

const MINUTE_MS = 60_000;

export interface SwarmOptions extends DiscoveryOptions {
  /** Where every feed has a directory of its own. */
  readonly directory: string;
}

/** A feed while it is followed. */
export interface FollowedFeed extends AsyncDisposable {
  readonly replica: Replica;
}

/** Everybody feeds are exchanged with: one socket of the DHT, one listener, and connections for each feed. */
export class Swarm implements AsyncDisposable {
  readonly #options: SwarmOptions;
  readonly #context: Context;
  readonly #discovery: Discovery;
  readonly #server: Server;
  readonly #incoming = new Set<Connection>();
  /** By discovery key. */
  readonly #feeds = new Map<string, Replica>();
  #port: number | undefined;
  #warnings = { sinceMs: -MINUTE_MS, count: 0 };

  constructor(options: SwarmOptions, context: Context) {
    this.#options = options;
    this.#context = context;
    this.#discovery = new Discovery(options, context);
    this.#server = createServer((socket) => this.#accept(socket));
    // Without it others are still connected to.
    this.#server.on("error", (error) => context.log.warn("No peer can connect here", { error: describeError(error) }));
    this.#server.listen(0, "0.0.0.0", () => {
      const address = this.#server.address();
      this.#port = address === null || typeof address === "string" ? undefined : address.port;
    });
  }

  /**
   * Opens this node's copy of the feed and keeps it connected until it is disposed.
   *
   * @throws WavsError `too_many_feeds`
   */
  async follow(feedKey: FeedKey): Promise<FollowedFeed> {
    if (this.#feeds.size >= MAX_FEEDS) {
      throw new WavsError("too_many_feeds", {
        message: `Cannot follow the feed "${feedKey}" because ${MAX_FEEDS} are followed already; remove a service`,
        retryable: true,
      });
    }
    const replica = await Replica.open({ feedKey, directory: `${this.#options.directory}/${feedKey}` }, this.#context);
    const topic = bytesToBareHex(replica.discoveryKey);
    this.#feeds.set(topic, replica);
    const seeker = new Seeker(replica, {
      context: this.#context,
      find: (signal) => this.#discovery.find(replica.discoveryKey, this.#port, signal),
      onEnd: (end, peer) => this.#note(end, peer, feedKey),
    });
    return {
      replica,
      [Symbol.asyncDispose]: async () => {
        this.#feeds.delete(topic);
        await seeker[Symbol.asyncDispose]();
        await replica[Symbol.asyncDispose]();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#discovery[Symbol.dispose]();
    for (const connection of this.#incoming) connection.close("the node shuts down");
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    if (this.#incoming.size >= MAX_INCOMING) {
      socket.destroy();
      return;
    }
    const onFeedAsked = (discoveryKey: Uint8Array | null, asking: Connection) => {
      const replica = discoveryKey === null ? undefined : this.#feeds.get(bytesToBareHex(discoveryKey));
      if (replica === undefined) asking.close("it asked for a feed that is not followed here");
      else replica.attach(asking);
    };
    const connection = new Connection(socket, { isInitiator: false, peer, onFeedAsked }, this.#context);
    this.#incoming.add(connection);
    void connection.ended.then((end) => {
      this.#incoming.delete(connection);
      this.#note(end, peer);
    });
  }

  /** Offences are warned of, but nobody may fill the log with them. */
  #note({ offence, reason }: ConnectionEnd, peer: string, feed?: FeedKey): void {
    const { clock, log } = this.#context;
    if (offence === undefined) return log.debug("Peer left", { peer, feed, reason });
    if (clock.monotonic() - this.#warnings.sinceMs >= MINUTE_MS) {
      this.#warnings = { sinceMs: clock.monotonic(), count: 0 };
    }
    const isTooMany = ++this.#warnings.count > MAX_PEER_WARNINGS_PER_MINUTE;
    log[isTooMany ? "debug" : "warn"]("Peer dropped", { peer, feed, reason: offence });
  }
}
