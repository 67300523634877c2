import { decodeAbiParameters, encodeAbiParameters, hexToBytes, parseAbiParameters } from "viem";
import { bytesToHex } from "@/domain/mod.ts";

/** What the sample contracts expect as a payload (spec/engine.md 6.2). */
const DATA_WITH_ID = parseAbiParameters(["DataWithId answer", "struct DataWithId { uint64 triggerId; bytes data; }"]);

export interface DataWithId {
  readonly triggerId: bigint;
  readonly data: Uint8Array;
}

/** Takes a payload for the sample contracts apart; `undefined` when it is anything else. */
export function decodeDataWithId(payload: Uint8Array): DataWithId | undefined {
  try {
    const [answer] = decodeAbiParameters(DATA_WITH_ID, payload);
    if (encodeAbiParameters(DATA_WITH_ID, [answer]) !== bytesToHex(payload)) return undefined;
    return { triggerId: answer.triggerId, data: hexToBytes(answer.data) };
  } catch {
    // Another encoding: payloads are the service's own business.
    return undefined;
  }
}
