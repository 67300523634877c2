export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export { bytesToHex as toHex, hexToBytes as fromHex } from "@noble/hashes/utils.js";
