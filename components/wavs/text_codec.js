// Put in front of every component, because the guest's engine has neither class. UTF-8 only.
// Follows the WHATWG decoder: a wrong sequence becomes one U+FFFD per maximal part, or an error when `fatal`.
globalThis.TextEncoder = class TextEncoder {
  encoding = "utf-8";

  encode(text = "") {
    const bytes = [];
    for (const character of String(text).toWellFormed()) {
      const code = character.codePointAt(0);
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else {
        bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      }
    }
    return Uint8Array.from(bytes);
  }
};

globalThis.TextDecoder = class TextDecoder {
  encoding = "utf-8";

  constructor(_label = "utf-8", options = {}) {
    this.fatal = options.fatal === true;
    this.ignoreBOM = options.ignoreBOM === true;
  }

  decode(input = new Uint8Array()) {
    const bytes = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    const parts = [];
    let at = !this.ignoreBOM && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    while (at < bytes.length) {
      const { code, length } = this.#next(bytes, at);
      if (code === undefined && this.fatal) throw new TypeError("The encoded data was not valid utf-8");
      parts.push(String.fromCodePoint(code ?? 0xfffd));
      at += length;
    }
    return parts.join("");
  }

  #next(bytes, at) {
    const first = bytes[at];
    if (first < 0x80) return { code: first, length: 1 };
    const trailing = first >= 0xc2 && first < 0xe0
      ? 1
      : first >= 0xe0 && first < 0xf0
      ? 2
      : first >= 0xf0 && first < 0xf5
      ? 3
      : 0;
    if (trailing === 0) return { code: undefined, length: 1 };
    // The second byte alone decides about overlong forms, surrogates and what lies beyond U+10FFFF.
    let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    let code = first & (0x3f >> trailing);
    for (let index = 1; index <= trailing; index++) {
      const byte = bytes[at + index];
      if (byte === undefined || byte < low || byte > high) return { code: undefined, length: index };
      code = (code << 6) | (byte & 63);
      low = 0x80;
      high = 0xbf;
    }
    return { code, length: trailing + 1 };
  }
};
