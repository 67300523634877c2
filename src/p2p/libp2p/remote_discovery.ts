import type { Multiaddr } from "@multiformats/multiaddr";
import { type Context, SETTLED } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import type { Host } from "./host.ts";

export interface RemoteDiscoveryModules {
  readonly context: Context;
  /** How often is asked when nothing happens. */
  readonly intervalMs: number;
  readonly found: (peerId: string, addresses: readonly Multiaddr[]) => void;
}

/** Pause between two questions that new peers give rise to. */
const PAUSE_MS = 500;

/** How long a question may take. */
const QUESTION_MS = 10_000;

/** Finds peers by asking known ones who is close to this node, in a table that all of them are in. */
export class RemoteDiscovery implements AsyncDisposable {
  readonly #host: Host;
  readonly #modules: RemoteDiscoveryModules;
  /** Ends the pause between two questions. */
  #rest = new AbortController();
  readonly #asking: Promise<void>;

  constructor(host: Host, modules: RemoteDiscoveryModules) {
    this.#host = host;
    this.#modules = modules;
    this.#asking = this.#ask();
  }

  /** Somebody is new, and may know others. */
  soon(): void {
    this.#rest.abort(SETTLED);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asking;
  }

  async #ask(): Promise<void> {
    const { context: { clock, signal }, intervalMs } = this.#modules;
    while (!signal.aborted) {
      await clock.sleep(intervalMs, AbortSignal.any([signal, this.#rest.signal]));
      await clock.sleep(PAUSE_MS, signal);
      this.#rest = new AbortController();
      if (!signal.aborted) await this.#askOnce(AbortSignal.any([signal, AbortSignal.timeout(QUESTION_MS)]));
    }
  }

  async #askOnce(signal: AbortSignal): Promise<void> {
    const { kademlia } = this.#host.services;
    if (kademlia === undefined) return;
    try {
      for await (const event of kademlia.getClosestPeers(this.#host.peerId.toMultihash().bytes, { signal })) {
        const peers = event.name === "PEER_RESPONSE" ? event.closer : event.name === "FINAL_PEER" ? [event.peer] : [];
        for (const { id, multiaddrs } of peers) {
          if (!id.equals(this.#host.peerId)) this.#modules.found(id.toString(), multiaddrs);
        }
      }
    } catch (error) {
      this.#modules.context.log.debug("Nobody could be asked for peers", { reason: describeError(error) });
    }
  }
}
