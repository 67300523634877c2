import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToHex, type EventId, type EvmAddress, hexToBytes } from "@/domain/mod.ts";

/**
 * Which of the operators go before this one when an event is brought on chain: nobody for the one that submits at once.
 *
 * The order is that of keccak256(event id ‖ signing key): the same for all who know the same operators, another for
 * every event, so that each operator pays for its share.
 *
 * @param others with or without `own` among them
 */
export function operatorsBefore(eventId: EventId, own: EvmAddress, others: Iterable<EvmAddress>): EvmAddress[] {
  const place = placeOf(eventId, own);
  return [...new Set(others)].filter((other) => other !== own && placeOf(eventId, other) < place);
}

function placeOf(eventId: EventId, signer: EvmAddress): string {
  return bytesToHex(keccak_256(concatBytes(hexToBytes(eventId), hexToBytes(signer))));
}
