import { connect, type Socket } from "node:net";
import { backoffMs, type Context, SETTLED } from "@/context/mod.ts";
import { AddressBook } from "./address_book.ts";
import { Connection, type ConnectionEnd } from "./connection.ts";
import type { PeerAddress } from "./library.ts";
import {
  ANNOUNCE_INTERVAL_MS,
  HANDSHAKE_TIMEOUT_MS,
  LOOKUP_BACKOFF,
  MAX_PEERS_PER_FEED,
  USELESS_AFTER_MS,
  WATCH_INTERVAL_MS,
} from "./limits.ts";
import type { Replica } from "./replica.ts";

export interface SeekerModules {
  readonly context: Context;
  /** Asks the DHT who has the feed. */
  readonly find: (signal: AbortSignal) => Promise<readonly PeerAddress[]>;
  readonly onEnd: (end: ConnectionEnd, peer: string) => void;
}

/** Looks for a feed's peers and keeps connections to some of them until it is disposed; it never gives up. */
export class Seeker implements AsyncDisposable {
  readonly #replica: Replica;
  readonly #modules: SeekerModules;
  readonly #book: AddressBook;
  readonly #leaving = new AbortController();
  readonly #signal: AbortSignal;
  /** Addresses that are dialled or connected. */
  readonly #dialled = new Set<Promise<void>>();
  readonly #connections = new Set<Connection>();
  readonly #done: Promise<unknown>;
  #found = new AbortController();

  constructor(replica: Replica, modules: SeekerModules) {
    this.#replica = replica;
    this.#modules = modules;
    this.#book = new AddressBook(modules.context.random);
    this.#signal = AbortSignal.any([modules.context.signal, this.#leaving.signal]);
    this.#done = Promise.all([this.#lookUp(), this.#dialAll()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort(SETTLED);
    await this.#done;
  }

  /** Asks the DHT: again and again while nobody is connected, and now and then to announce ourselves. */
  async #lookUp(): Promise<void> {
    const { context: { clock, random }, find } = this.#modules;
    let attempts = 0;
    while (!this.#signal.aborted) {
      this.#book.add(await find(this.#signal), clock.monotonic());
      this.#found.abort(SETTLED);
      this.#found = new AbortController();
      const wasConnected = this.#replica.isConnected;
      attempts = wasConnected ? 0 : attempts + 1;
      const delayMs = wasConnected ? ANNOUNCE_INTERVAL_MS : backoffMs(LOOKUP_BACKOFF, attempts, random);
      const untilMs = clock.monotonic() + delayMs;
      while (!this.#signal.aborted && clock.monotonic() < untilMs && this.#replica.isConnected === wasConnected) {
        await clock.sleep(untilMs - clock.monotonic(), AbortSignal.any([this.#signal, this.#replica.change]));
      }
    }
  }

  async #dialAll(): Promise<void> {
    const { clock } = this.#modules.context;
    while (!this.#signal.aborted) {
      const woken = AbortSignal.any([this.#signal, this.#replica.change, this.#found.signal]);
      const isFull = this.#dialled.size >= MAX_PEERS_PER_FEED;
      const address = isFull ? undefined : this.#book.take(clock.monotonic());
      if (address !== undefined) {
        const dialled: Promise<void> = this.#keep(address).finally(() => this.#dialled.delete(dialled));
        this.#dialled.add(dialled);
        continue;
      }
      const dueMs = this.#book.nextDueMs(clock.monotonic());
      if (isFull && dueMs === 0) this.#makeRoom();
      await clock.sleep(isFull ? WATCH_INTERVAL_MS : dueMs ?? ANNOUNCE_INTERVAL_MS, woken);
    }
    for (const connection of this.#connections) connection.close("the feed is left");
    await Promise.all(this.#dialled);
  }

  /** So that no group of peers shuts out all others by merely being there. */
  #makeRoom(): void {
    const oldest = [...this.#connections].sort((left, right) => left.idleSinceMs - right.idleSinceMs)[0];
    if (oldest === undefined) return;
    const idleMs = this.#modules.context.clock.monotonic() - oldest.idleSinceMs;
    if (idleMs > USELESS_AFTER_MS) oldest.close("it makes room for others");
  }

  async #keep(address: PeerAddress): Promise<void> {
    const { context, onEnd } = this.#modules;
    const peer = `${address.host}:${address.port}`;
    const socket = await this.#dial(address);
    if (socket === undefined) return this.#book.release(address, false, context.clock.monotonic());
    const connection = new Connection(socket, { isInitiator: true, peer }, context);
    this.#connections.add(connection);
    this.#replica.attach(connection);
    const end = await connection.ended;
    this.#connections.delete(connection);
    onEnd(end, peer);
    this.#book.release(address, end.wasUseful && end.offence === undefined, context.clock.monotonic());
    this.#found.abort(SETTLED);
    this.#found = new AbortController();
  }

  /** @returns `undefined` when nobody answers there */
  async #dial({ host, port }: PeerAddress): Promise<Socket | undefined> {
    const socket = connect({ host, port });
    const answered = new AbortController();
    let isConnected = false;
    socket.once("connect", () => {
      isConnected = true;
      answered.abort(SETTLED);
    });
    // A refused connection is no event worth a word; later errors are the connection's.
    socket.on("error", () => answered.abort(SETTLED));
    const signal = AbortSignal.any([this.#signal, answered.signal]);
    await this.#modules.context.clock.sleep(HANDSHAKE_TIMEOUT_MS, signal);
    if (isConnected && !this.#signal.aborted) return socket;
    socket.destroy();
    return undefined;
  }
}
