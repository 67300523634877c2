const encoder = new TextEncoder();

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * Orders texts as their UTF-8 bytes are ordered (spec/wire.md 0.3).
 *
 * UTF-8 keeps the order of code points; UTF-16, which `<` compares, does not: surrogates come before U+E000..U+FFFF.
 *
 * @returns negative, zero or positive, for `Array.prototype.sort`
 */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

/** Moves surrogates behind every other code unit, which is where their code points belong. */
function codePointRank(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit;
}

/** The texts in UTF-8 byte order, each once. */
export function sortedUtf8(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(compareUtf8);
}
