import { createSocket, type Socket } from "node:dgram";
import type { Context } from "@/context/mod.ts";
import { describeError } from "@/domain/errors.ts";
import { isPublicAddress } from "@/domain/public_address.ts";
import { type Dht, type FoundPeers, newDht, type PeerAddress } from "./library.ts";
import { LOOKUP_TIMEOUT_MS, MAX_ADDRESSES_PER_FEED } from "./limits.ts";

export interface DiscoveryOptions {
  /** `host:port` of nodes of the DHT to begin with; the public ones when empty. */
  readonly bootstrap: readonly string[];
  /** Whether addresses outside of the public internet may be spoken to. */
  readonly allowPrivateNetworks: boolean;
}

/**
 * Finds who has a feed, through the older generation of the DHT (spec/network.md 1.7), and tells it that we have it.
 *
 * We are a client of it only: nobody's questions are answered, no packet can make this node speak to an address outside
 * of the public internet, and what a packet breaks in the library stays there.
 */
export class Discovery implements Disposable {
  readonly #options: DiscoveryOptions;
  readonly #context: Context;
  readonly #dht: Dht;

  constructor(options: DiscoveryOptions, context: Context) {
    this.#options = options;
    this.#context = context;
    const { bootstrap } = options;
    this.#dht = newDht({
      ...(bootstrap.length === 0 ? {} : { bootstrap }),
      ephemeral: true,
      socket: this.#guardedSocket(),
    });
    this.#dht.onrequest = () => {};
    const note = (error: unknown) => context.log.debug("The DHT complains", { error: describeError(error) });
    this.#dht.on("error", note);
    this.#dht.on("warning", note);
  }

  /**
   * Who announced the topic, as far as the DHT answers in time; nobody vouches for it.
   *
   * @param port where we take connections; announced at the same time
   */
  async find(topic: Uint8Array, port: number | undefined, signal: AbortSignal): Promise<readonly PeerAddress[]> {
    const query = port === undefined ? this.#dht.lookup(topic) : this.#dht.announce(topic, { port });
    const found = new Map<string, PeerAddress>();
    const done = new AbortController();
    query.on("data", ({ peers }: FoundPeers) => {
      for (const peer of peers ?? []) {
        if (found.size >= MAX_ADDRESSES_PER_FEED) return done.abort();
        if (this.#mayReach(peer.host)) found.set(`${peer.host}:${peer.port}`, peer);
      }
    });
    query.on("error", () => done.abort());
    query.on("end", () => done.abort());
    query.on("close", () => done.abort());
    await this.#context.clock.sleep(LOOKUP_TIMEOUT_MS, AbortSignal.any([done.signal, signal]));
    query.destroy();
    return [...found.values()];
  }

  [Symbol.dispose](): void {
    this.#dht.destroy();
  }

  #mayReach(host: string): boolean {
    return this.#options.allowPrivateNetworks || isPublicAddress(host);
  }

  #guardedSocket(): Socket {
    const socket = createSocket("udp4");
    const [on, send] = [socket.on.bind(socket), socket.send.bind(socket)];
    const configured = new Set(this.#options.bootstrap.map((address) => address.replace(/:\d+$/, "")));
    const contained = (what: string, run: () => void) => {
      try {
        run();
      } catch (error) {
        this.#context.log.debug(what, { error: describeError(error) });
      }
    };
    // The library calls these two in one form each.
    socket.on = ((event: string, listener: (...values: unknown[]) => void) =>
      on(
        event,
        event === "message"
          ? (...values: unknown[]) => contained("A packet of the DHT is no use", () => listener(...values))
          : listener,
      )) as Socket["on"];
    socket.send = ((bytes: Uint8Array, offset: number, length: number, port: number, host: string) => {
      // Names are the built-in ones.
      const isAddress = /^[\d.]+$/.test(host);
      if (isAddress && !configured.has(host) && !this.#mayReach(host)) return;
      contained("A packet for the DHT cannot be sent", () => send(bytes, offset, length, port, host));
    }) as Socket["send"];
    return socket;
  }
}
