import "@/triggers/hypercore/sodium.ts";
import { Buffer } from "node:buffer";
import createDht from "@hyperswarm/dht";
import { blake2b } from "@noble/hashes/blake2.js";
import { hexToBytes, utf8Bytes } from "@/domain/mod.ts";

const ANNOUNCE_EVERY_MS = 200;

export interface Announcement {
  /** 64 hex digits. */
  readonly feedKey: string;
  /** `host:port` of the DHT. */
  readonly bootstrap: string;
  /** Where the feed is served on this machine. */
  readonly port: number;
}

/** Says in the DHT, again and again, who serves a feed: for peers that do not know the DHT, or only pretend. */
export function announceFeed({ feedKey, bootstrap, port }: Announcement): AsyncDisposable {
  const dht = createDht({ bootstrap: [bootstrap], ephemeral: true });
  const topic = Buffer.from(blake2b(utf8Bytes("hypercore"), { key: hexToBytes(feedKey), dkLen: 32 }));
  const announce = () => {
    const query = dht.announce(topic, { port });
    query.on("error", () => {});
    query.resume();
  };
  announce();
  const timer = setInterval(announce, ANNOUNCE_EVERY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await new Promise<void>((resolve) => dht.once("close", () => resolve()) && dht.destroy());
    },
  };
}
