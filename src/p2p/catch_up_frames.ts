import { describeError, parseServiceId, type ServiceId, utf8Bytes, WavsError } from "@/domain/mod.ts";
import { MAX_CATCH_UP_REQUEST_BYTES, MAX_CATCH_UP_RESPONSE_BYTES } from "./limits.ts";

const HEAD = utf8Bytes('{"submissions":[');
const TAIL = utf8Bytes("]}");
const COMMA = 0x2c;

/** `{"service_id":"<64 hex>"}`; the end of the stream half is the end of the request (spec/network.md 5.7). */
export function encodeCatchUpRequest(serviceId: ServiceId): Uint8Array {
  return utf8Bytes(`{"service_id":"${serviceId}"}`);
}

/** @throws WavsError `catch_up_malformed` */
export function decodeCatchUpRequest(bytes: Uint8Array): ServiceId {
  if (bytes.length > MAX_CATCH_UP_REQUEST_BYTES) throw malformed(`it has ${bytes.length} bytes`);
  try {
    const { service_id } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return parseServiceId(service_id);
  } catch (cause) {
    throw malformed(describeError(cause), cause);
  }
}

/** `{"submissions":[…]}` of items that are JSON already; the latest that do not fit are left out. */
export function encodeCatchUpResponse(items: readonly Uint8Array[]): Uint8Array {
  let length = HEAD.length + TAIL.length;
  const kept = items.filter((item) => {
    if (length + item.length + 1 > MAX_CATCH_UP_RESPONSE_BYTES) return false;
    length += item.length + 1;
    return true;
  });
  const bytes = new Uint8Array(length - (kept.length > 0 ? 1 : 0));
  bytes.set(HEAD);
  let offset = HEAD.length;
  for (const [index, item] of kept.entries()) {
    if (index > 0) bytes[offset++] = COMMA;
    bytes.set(item, offset);
    offset += item.length;
  }
  bytes.set(TAIL, offset);
  return bytes;
}

/**
 * The items of `{"submissions":[…]}` as they stand there, each for its own reader; members of other names are skipped.
 *
 * Only where an item ends is looked for. Whether it is JSON, and what it says, is not.
 *
 * @throws WavsError `catch_up_malformed`
 */
export function splitCatchUpResponse(bytes: Uint8Array): Uint8Array[] {
  const scanner = new Scanner(bytes);
  const items: Uint8Array[] = [];
  scanner.expect("{");
  if (!scanner.skips("}")) {
    do {
      const name = scanner.value();
      scanner.expect(":");
      if (new TextDecoder().decode(name) === '"submissions"') items.push(...scanner.array());
      else scanner.value();
    } while (scanner.skips(","));
    scanner.expect("}");
  }
  scanner.end();
  return items;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
/** What ends a number or a word. */
const ENDS = new Set([...BLANKS, ...CLOSING, COMMA, 0x3a]);

/** Finds where JSON values begin and end, without recursion: depth is a number. */
class Scanner {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  array(): Uint8Array[] {
    const items: Uint8Array[] = [];
    this.expect("[");
    if (this.skips("]")) return items;
    do items.push(this.value()); while (this.skips(","));
    this.expect("]");
    return items;
  }

  value(): Uint8Array {
    this.#blanks();
    const start = this.#offset;
    let depth = 0;
    do {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined) throw malformed("it ends in the middle of a value");
      if (byte === QUOTE) {
        this.#string();
        continue;
      }
      if (OPENING.has(byte)) depth++;
      else if (CLOSING.has(byte)) depth--;
      else if (depth === 0) {
        this.#word();
        break;
      }
      this.#offset++;
    } while (depth > 0);
    if (depth < 0 || this.#offset === start) throw malformed(`a value is missing at byte ${start}`);
    return this.#bytes.subarray(start, this.#offset);
  }

  expect(character: string): void {
    if (!this.skips(character)) throw malformed(`"${character}" is missing at byte ${this.#offset}`);
  }

  skips(character: string): boolean {
    this.#blanks();
    if (this.#bytes[this.#offset] !== character.charCodeAt(0)) return false;
    this.#offset++;
    return true;
  }

  end(): void {
    this.#blanks();
    if (this.#offset < this.#bytes.length) throw malformed(`there is more after byte ${this.#offset}`);
  }

  #blanks(): void {
    while (BLANKS.has(this.#bytes[this.#offset] ?? 0)) this.#offset++;
  }

  #string(): void {
    this.#offset++;
    for (;;) {
      const byte = this.#bytes[this.#offset++];
      if (byte === undefined) throw malformed("it ends in the middle of a string");
      if (byte === BACKSLASH) this.#offset++;
      if (byte === QUOTE) return;
    }
  }

  #word(): void {
    while (this.#offset < this.#bytes.length && !ENDS.has(this.#bytes[this.#offset] ?? 0)) this.#offset++;
  }
}

function malformed(why: string, cause?: unknown): WavsError {
  return new WavsError("catch_up_malformed", {
    message: `Cannot read a message of the catch-up protocol because ${why}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
