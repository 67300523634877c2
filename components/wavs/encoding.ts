import host from "host";
import { concatBytes } from "./bytes.ts";
import { encodeText } from "./text.ts";
import type { ServiceManager } from "./types.ts";

const WORD_BYTES = 32;

/** ABI encoding of one tuple (uint64 triggerId, bytes data), which the sample contracts decode (spec/engine.md 6.2). */
export function encodeDataWithId(triggerId: bigint, data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(data.length / WORD_BYTES) * WORD_BYTES);
  padded.set(data);
  return concatBytes([word(0x20n), word(triggerId), word(0x40n), word(BigInt(data.length)), padded]);
}

/** The same answer for Cosmos contracts: the id as decimal digits, then the message, each with its length in front. */
export function encodeMessageWithId(triggerId: bigint, message: Uint8Array): Uint8Array {
  const digits = encodeText(triggerId.toString());
  return concatBytes([varint(digits.length), digits, varint(message.length), message]);
}

/** The answer in the form the service's own manager chain expects; the current service unless told otherwise. */
export function encodeWithId(
  triggerId: bigint,
  data: Uint8Array,
  manager: ServiceManager = host.getService().service.manager,
): Uint8Array {
  switch (manager.tag) {
    case "evm":
      return encodeDataWithId(triggerId, data);
    case "cosmos":
      return encodeMessageWithId(triggerId, data);
  }
}

/**
 * The bytes of a dynamic ABI value: the word at `head` holds its offset from `base`, where a length and the bytes follow.
 *
 * @throws Error when an offset or a length points outside
 */
export function decodeAbiBytes(encoded: Uint8Array, base: number, head: number): Uint8Array {
  const start = base + Number(readWord(encoded, head));
  const length = Number(readWord(encoded, start));
  const end = start + WORD_BYTES + length;
  if (end > encoded.length) throw new Error("ABI bytes reach beyond the end of the data");
  return encoded.subarray(start + WORD_BYTES, end);
}

/** One ABI word as a number. @throws Error beyond the end */
export function readWord(encoded: Uint8Array, offset: number): bigint {
  if (offset + WORD_BYTES > encoded.length) throw new Error("ABI word lies beyond the end of the data");
  let value = 0n;
  for (const byte of encoded.subarray(offset, offset + WORD_BYTES)) value = (value << 8n) | BigInt(byte);
  return value;
}

function word(value: bigint): Uint8Array {
  const bytes = new Uint8Array(WORD_BYTES);
  new DataView(bytes.buffer).setBigUint64(WORD_BYTES - 8, value);
  return bytes;
}

/** The variable-length integer of bincode's standard configuration; lengths in a guest fit 32 bits. */
function varint(value: number): Uint8Array {
  if (value <= 250) return Uint8Array.of(value);
  if (value <= 0xffff) return Uint8Array.of(251, value & 0xff, value >>> 8);
  return Uint8Array.of(252, value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}
