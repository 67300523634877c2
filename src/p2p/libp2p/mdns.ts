import multicastDns from "multicast-dns";
import type { Context } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import { MAX_MDNS_ANSWERS_PER_SECOND, MDNS_QUERY_INTERVAL_MS } from "../limits.ts";
import { Pace } from "../pace.ts";
import { announcement, type DnsPacket, heardIn, type HeardPeer, isAsked, SERVICE_NAME } from "./mdns_packets.ts";

/** What is used of `multicast-dns`, which comes without types. */
interface MulticastDns {
  on(event: "query" | "response", listener: (packet: DnsPacket) => void): void;
  on(event: "error" | "warning", listener: (error: Error) => void): void;
  query(packet: { readonly questions: readonly { readonly name: string; readonly type: string }[] }): void;
  respond(packet: DnsPacket): void;
  destroy(done: () => void): void;
}

const LABEL_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const LABEL_LENGTH = 32;

export interface LocalDiscoveryModules {
  readonly context: Context;
  /** Where this peer is, with its id. */
  readonly addresses: () => readonly string[];
  readonly heard: (peer: HeardPeer) => void;
}

/** Finds the peers of the local network, and lets them find this one. */
export class LocalDiscovery implements AsyncDisposable {
  readonly #modules: LocalDiscoveryModules;
  readonly #dns: MulticastDns;
  readonly #answers: Pace;
  readonly #closed = new AbortController();
  readonly #asking: Promise<void>;

  constructor(modules: LocalDiscoveryModules) {
    const { context: { clock, log }, addresses, heard } = this.#modules = modules;
    this.#answers = new Pace(
      { perSecond: MAX_MDNS_ANSWERS_PER_SECOND, burst: MAX_MDNS_ANSWERS_PER_SECOND },
      clock.monotonic(),
    );
    const dns = this.#dns = (multicastDns as unknown as () => MulticastDns)();
    const label = Array.from(
      crypto.getRandomValues(new Uint8Array(LABEL_LENGTH)),
      (byte) => LABEL_LETTERS[byte % LABEL_LETTERS.length],
    ).join("");
    dns.on("query", (packet) => {
      if (!isAsked(packet) || this.#answers.take(1, clock.monotonic()) > 0) return;
      dns.respond(announcement(label, addresses()));
    });
    dns.on("response", (packet) => heardIn(packet).forEach(heard));
    dns.on("warning", (error) => log.trace("A datagram is no mDNS packet", { reason: describeError(error) }));
    dns.on(
      "error",
      (error) => log.warn("The local network cannot be asked for peers", { reason: describeError(error) }),
    );
    this.#asking = this.#ask();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#asking;
    await new Promise<void>((resolve) => this.#dns.destroy(resolve));
  }

  async #ask(): Promise<void> {
    const { clock } = this.#modules.context;
    while (!this.#closed.signal.aborted) {
      this.#dns.query({ questions: [{ name: SERVICE_NAME, type: "PTR" }] });
      await clock.sleep(MDNS_QUERY_INTERVAL_MS, this.#closed.signal);
    }
  }
}
