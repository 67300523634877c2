import type { Core, Peer } from "./library.ts";
import { MAX_FEED_BLOCKS, MAX_PEER_REQUESTS } from "./limits.ts";

/**
 * Checks what a peer says before the replication believes it, and mends what peers of other implementations leave out.
 *
 * The replication keeps a bit for every block a peer claims to have and fills whole ranges at once, so a range without
 * bounds would take the memory of the process. A Rust writer tells of later appends with a Synchronize alone, without
 * the Range that says where the blocks are (spec/network.md 1.7): what it has gained it is taken to have, and a peer
 * that has not says so when asked.
 *
 * @param drop ends the peer's connection
 */
export function guardPeer(peer: Peer, core: Core, drop: (offence: string) => void): void {
  const { onsync, onrange, onbitfield, onwant, onrequest, onnodata } = peer;
  const isWithin = (start: number, length: number): boolean => {
    if (start + length <= MAX_FEED_BLOCKS) return true;
    drop(`it spoke of block ${start + length}, the limit is ${MAX_FEED_BLOCKS}`);
    return false;
  };
  Object.assign(
    peer,
    {
      onsync: async (message) => {
        if (!isWithin(0, message.length)) return;
        if (message.fork !== core.fork) return drop(`its feed was rewritten: it has fork ${message.fork}`);
        const known = peer.remoteLength;
        const wasSynced = peer.remoteSynced;
        await onsync.call(peer, message);
        if (wasSynced && message.length > known) {
          onrange.call(peer, { drop: false, start: known, length: message.length - known });
        }
      },
      onrange: (message) => {
        if (isWithin(message.start, message.length)) onrange.call(peer, message);
      },
      onbitfield: (message) => {
        if (isWithin(message.start, message.bitfield.byteLength * 8)) onbitfield.call(peer, message);
      },
      onwant: (message) => {
        if (isWithin(message.start, message.length)) onwant.call(peer, message);
      },
      onrequest: async (message) => {
        if (peer.remoteRequests.size >= MAX_PEER_REQUESTS) return drop(`it has ${MAX_PEER_REQUESTS} requests open`);
        await onrequest.call(peer, message);
      },
      onnodata: (message) => {
        const block = peer.replicator._inflight.get(message.request)?.block ?? null;
        // Otherwise it would be asked again at once, for ever.
        if (block !== null) onrange.call(peer, { drop: true, start: block.index, length: 1 });
        onnodata.call(peer, message);
      },
    } satisfies Partial<Peer>,
  );
}
