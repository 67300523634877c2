import { bytesToHex } from "./hex.ts";
import type { EventOrder } from "./ids.ts";

/** Eight bytes big-endian, four zero bytes; no ordering is all zero, like ordering 0 (spec/wire.md 1.7). */
export function eventOrderOf(ordering: bigint | undefined): EventOrder {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setBigUint64(0, ordering ?? 0n);
  return bytesToHex(bytes) as EventOrder;
}
