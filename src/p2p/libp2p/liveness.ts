import { type Ping, ping, type PingComponents } from "@libp2p/ping";
import { serviceCapabilities } from "@libp2p/interface";

/**
 * Tells Kademlia whether a peer is there. Rust nodes do not serve the ping protocol (spec/network.md 5.3): that they
 * answer so is the proof.
 */
export function liveness(): (components: PingComponents) => Ping {
  const create = ping();
  return (components) => {
    const service = create(components);
    const answer = async (...call: Parameters<Ping["ping"]>): Promise<number> => {
      try {
        return await service.ping(...call);
      } catch (error) {
        if (error instanceof Error && error.name === "UnsupportedProtocolError") return 0;
        throw error;
      }
    };
    return Object.assign(Object.create(service), { ping: answer, [serviceCapabilities]: ["@libp2p/ping"] });
  };
}
