import type { Multiaddr } from "@multiformats/multiaddr";
import { backoffMs, type Context } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import {
  DIAL_BACKOFF,
  DIAL_TIMEOUT_MS,
  FORGET_PEER_AFTER_MS,
  MAX_ADDRESSES_PER_PEER,
  MAX_KNOWN_PEERS,
} from "../limits.ts";
import { isDialable, peerOf, withPeer } from "./addresses.ts";

/** How long a connection must last for its loss to be the first again. */
const STEADY_MS = 5_000;

/** A place where a peer is to be found. */
interface Target {
  addresses: readonly Multiaddr[];
  readonly isBootstrap: boolean;
  /** Of a bootstrap node whose address does not name it, the one that answered there. */
  peerId: string | undefined;
  attempt: number;
  dueMs: number;
  /** When it was last connected, or else found. */
  seenMs: number;
  /** Since when it is. */
  connectedMs: number | undefined;
  isDialing: boolean;
}

export interface DialerModules {
  readonly context: Context;
  readonly isConnected: (peerId: string) => boolean;
  /** @returns the id of the peer that answered */
  readonly dial: (addresses: Multiaddr[], signal: AbortSignal) => Promise<string>;
}

/** Connects to the peers that were found, and again when they are lost. */
export class Dialer {
  readonly #modules: DialerModules;
  readonly #bootstrap: readonly Target[];
  /** By peer id, the one found or seen the longest ago first. */
  readonly #found = new Map<string, Target>();

  constructor(bootstrapNodes: readonly Multiaddr[], modules: DialerModules) {
    this.#modules = modules;
    this.#bootstrap = bootstrapNodes.map((address) => this.#target([address], peerOf(address), true));
  }

  /**
   * Takes note of where a peer is.
   *
   * @param isHeard whether it said so itself just now, and is there then
   */
  found(peerId: string, addresses: readonly Multiaddr[], isHeard: boolean): void {
    const dialable = addresses.filter(isDialable).slice(0, MAX_ADDRESSES_PER_PEER);
    if (dialable.length === 0) return;
    const target = this.#found.get(peerId) ?? this.#target([], peerId, false);
    target.addresses = dialable.map((address) => withPeer(address, peerId));
    if (isHeard) target.dueMs = this.#modules.context.clock.monotonic();
    this.#found.delete(peerId);
    this.#found.set(peerId, target);
    if (this.#found.size <= MAX_KNOWN_PEERS) return;
    const away = [...this.#found.keys()].find((id) => !this.#modules.isConnected(id)) ?? peerId;
    this.#found.delete(away);
  }

  /** Dials whoever is due. */
  upkeep(): void {
    const { context, isConnected } = this.#modules;
    const nowMs = context.clock.monotonic();
    for (const target of [...this.#bootstrap, ...this.#found.values()]) {
      if (target.peerId !== undefined && isConnected(target.peerId)) {
        target.seenMs = nowMs;
        target.connectedMs ??= nowMs;
        // One that ends every connection at once is not dialled at once again.
        if (nowMs - target.connectedMs >= STEADY_MS) target.attempt = 0;
        continue;
      }
      target.connectedMs = undefined;
      if (!target.isBootstrap && nowMs - target.seenMs > FORGET_PEER_AFTER_MS) {
        this.#found.delete(target.peerId ?? "");
      } else if (!target.isDialing && target.dueMs <= nowMs) void this.#dial(target);
    }
  }

  #target(addresses: readonly Multiaddr[], peerId: string | undefined, isBootstrap: boolean): Target {
    const nowMs = this.#modules.context.clock.monotonic();
    return {
      addresses,
      isBootstrap,
      peerId,
      attempt: 0,
      dueMs: nowMs,
      seenMs: nowMs,
      connectedMs: undefined,
      isDialing: false,
    };
  }

  async #dial(target: Target): Promise<void> {
    const { context: { clock, log, random, signal }, dial } = this.#modules;
    target.isDialing = true;
    target.attempt++;
    const node = target.addresses.join(", ");
    try {
      target.peerId = await dial(
        [...target.addresses],
        AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]),
      );
      log.debug("Connected to a peer", { peer: target.peerId, node });
    } catch (error) {
      const isNews = target.isBootstrap && target.attempt === 1 && !signal.aborted;
      log[isNews ? "warn" : "debug"](
        target.isBootstrap ? "Bootstrap node not reached, trying on" : "Peer not reached",
        {
          node,
          reason: describeError(error),
        },
      );
    } finally {
      target.isDialing = false;
      target.dueMs = clock.monotonic() + backoffMs(DIAL_BACKOFF, target.attempt, random);
    }
  }
}
