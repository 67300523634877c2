import { Trap } from "../errors.ts";
import type { Layout } from "../plan/types.ts";
import type { CallContext } from "./call_context.ts";
import { type Descriptor, mismatch } from "./descriptor.ts";

const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16Decoder = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** Set in the length of a latin1+utf16 string that is UTF-16. */
const UTF16_TAG = 0x8000_0000;

/** Up to here a loop over the bytes is faster than a call of the decoder. */
const SHORT_STRING = 24;

export function stringDescriptor(layout: Layout): Descriptor {
  return {
    layout,
    load: (context, address) =>
      loadString(context, context.view.getUint32(address, true), context.view.getUint32(address + 4, true)),
    store: (context, value, address) => {
      const [start, length] = storeString(context, value);
      context.view.setUint32(address, start, true);
      context.view.setUint32(address + 4, length, true);
    },
    lift: (context, source) => {
      const start = Number(source.values[source.next++]) >>> 0;
      return loadString(context, start, Number(source.values[source.next++]) >>> 0);
    },
    lower: (context, value, target) => {
      target.push(...storeString(context, value));
    },
  };
}

/** `length` is in code units of the encoding, with {@link UTF16_TAG} where that applies. */
function loadString(context: CallContext, address: number, length: number): string {
  switch (context.encoding) {
    case "utf8":
      return loadUtf8(context, address, length);
    case "utf16":
      return loadUtf16(context, address, length);
    case "latin1+utf16":
      return length >= UTF16_TAG
        ? loadUtf16(context, address, length - UTF16_TAG)
        : loadLatin1(context, address, length);
  }
}

function loadUtf8(context: CallContext, address: number, length: number): string {
  context.checkRange(address, length, 1);
  context.countLifted(length);
  const end = address + length;
  const short = length < SHORT_STRING ? asciiText(context.bytes, address, end) : undefined;
  return short ?? decode(utf8Decoder, context.bytes.subarray(address, end));
}

/** The text if it is all ASCII. */
function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function loadUtf16(context: CallContext, address: number, length: number): string {
  context.checkRange(address, length * 2, 2);
  context.countLifted(length * 2);
  return decode(utf16Decoder, context.bytes.subarray(address, address + length * 2));
}

function loadLatin1(context: CallContext, address: number, length: number): string {
  context.checkRange(address, length, 2);
  context.countLifted(length);
  // Widened to UTF-16, because the "latin1" of the Encoding standard is windows-1252.
  const wide = Uint16Array.from(context.bytes.subarray(address, address + length));
  return decode(utf16Decoder, new Uint8Array(wide.buffer));
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Trap(`invalid ${decoder.encoding} in a string`);
  }
}

function storeString(context: CallContext, value: unknown): [address: number, length: number] {
  if (typeof value !== "string") throw mismatch("a string", value);
  switch (context.encoding) {
    case "utf8":
      return storeUtf8(context, value);
    case "utf16":
      return storeUtf16(context, value);
    case "latin1+utf16": {
      if (isLatin1(value)) return storeLatin1(context, value);
      const [address, length] = storeUtf16(context, value);
      return [address, length + UTF16_TAG];
    }
  }
}

function storeUtf8(context: CallContext, value: string): [number, number] {
  const encoded = utf8Encoder.encode(value);
  const address = context.allocate(encoded.length, 1);
  context.bytes.set(encoded, address);
  return [address, encoded.length];
}

function storeUtf16(context: CallContext, value: string): [number, number] {
  const text = value.toWellFormed();
  const address = context.allocate(text.length * 2, 2);
  for (let i = 0; i < text.length; i++) context.view.setUint16(address + i * 2, text.charCodeAt(i), true);
  return [address, text.length];
}

function storeLatin1(context: CallContext, value: string): [number, number] {
  const address = context.allocate(value.length, 2);
  for (let i = 0; i < value.length; i++) context.bytes[address + i] = value.charCodeAt(i);
  return [address, value.length];
}

function isLatin1(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0xff) return false;
  return true;
}
