import { bytesToHex as bareHex, hexToBytes as bytesOfBareHex } from "@noble/hashes/utils.js";
import { invalidText } from "./json/path.ts";
import type { Hex } from "./ids.ts";

const HEX_DIGITS = /^(?:[0-9a-fA-F]{2})*$/;

/**
 * Reads hex by the one rule there is (spec/wire.md 0.7): an optional `0x`, then an even number of digits of either case.
 *
 * @throws WavsError `invalid_value`
 */
export function parseHex(text: string): Hex {
  return `0x${bareLowerHex(text, "an even number of hex digits, with or without 0x")}`;
}

/** {@link parseHex} for exactly `lengthBytes` bytes. */
export function parseHexOfLength(text: string, lengthBytes: number, expected: string): Hex {
  const digits = bareLowerHex(text, expected);
  if (digits.length !== 2 * lengthBytes) throw invalidText(expected, text);
  return `0x${digits}`;
}

/** The bytes of hex, with or without `0x`. */
export function hexToBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytesOfBareHex(bareLowerHex(text, "an even number of hex digits, with or without 0x")));
}

/** `0x` and lower-case digits. */
export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${bareHex(bytes)}`;
}

/** Lower-case digits without `0x`, the form of the 32-byte ids. */
export function bytesToBareHex(bytes: Uint8Array): string {
  return bareHex(bytes);
}

/** Hex without its `0x`. */
export function withoutPrefix(hex: string): string {
  return hex.startsWith("0x") ? hex.slice(2) : hex;
}

function bareLowerHex(text: string, expected: string): string {
  const digits = withoutPrefix(text);
  if (!HEX_DIGITS.test(digits)) throw invalidText(expected, text);
  return digits.toLowerCase();
}
