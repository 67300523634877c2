const encoder = new TextEncoder();
const lenientDecoder = new TextDecoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return lenientDecoder.decode(bytes);
}

/** Text of UTF-8 bytes, or `undefined` when they are something else. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Lower-case hex digits without `0x`. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Bytes of hex digits in either case, without `0x`.
 *
 * @throws Error in the words of Rust's `const-hex`, which operators know from other components
 */
export function fromHex(digits: string): Uint8Array {
  if (digits.length % 2 !== 0) throw new Error("odd number of digits");
  const wrong = digits.search(/[^0-9a-fA-F]/);
  if (wrong >= 0) throw new Error(`invalid character '${digits[wrong]}' at position ${wrong}`);
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, index) => parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
}
