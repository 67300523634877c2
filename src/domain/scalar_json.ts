import { parseCosmosAddress, parseEvmAddress } from "./address.ts";
import { bytesToHex, hexToBytes } from "./hex.ts";
import {
  type Bytes32,
  type CosmosAddress,
  type EvmAddress,
  parseBytes32,
  type TimestampNs,
  timestampNs,
} from "./ids.ts";
import { byteArray, type Decoder, isJsonArray, type JsonValue, mapped, parsed, u64 } from "./json/mod.ts";

/** An address of a service, trigger or event: text, or an array of 20 numbers (spec/wire.md 1.0). */
export const decodeEvmAddress: Decoder<EvmAddress> = textOrBytes(parsed(parseEvmAddress));

/** A hash inside trigger data: text, or an array of 32 numbers (spec/wire.md 1.0). */
export const decodeBytes32: Decoder<Bytes32> = textOrBytes(parsed(parseBytes32));

/** `log_data.data` and `envelope.payload`: text, or an array of numbers (spec/wire.md 1.0). */
export const decodeEvmBytes: Decoder<Uint8Array> = textOrBytes(parsed(hexToBytes));

export const decodeCosmosAddress: Decoder<CosmosAddress> = parsed(parseCosmosAddress);

export const decodeTimestampNs: Decoder<TimestampNs> = mapped(u64, timestampNs);

/** Bytes as an array of numbers, the form of trigger data and signatures (spec/wire.md 1.0). */
export function encodeByteArray(bytes: Uint8Array): JsonValue {
  return Array.from(bytes, BigInt);
}

function textOrBytes<T>(text: Decoder<T>): Decoder<T> {
  return (value, path) => text(isJsonArray(value) ? bytesToHex(byteArray(value, path)) : value, path);
}
