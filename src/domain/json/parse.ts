import { WavsError } from "../errors.ts";
import { MAX_JSON_CHARS, MAX_JSON_DEPTH_LEVELS } from "../limits.ts";
import { type JsonValue, MAX_U64, MIN_I64, RepeatingJsonObject } from "./value.ts";

export interface ParseJsonOptions {
  /** Refuse longer text. Default: {@link MAX_JSON_CHARS}. */
  readonly maxChars?: number;
}

/**
 * Reads JSON text without losing integers, the int/float distinction or repeated keys (spec/wire.md 0.1, 0.2, 0.5).
 *
 * @throws WavsError `invalid_json` with the offset, for anything RFC 8259 does not allow, lone surrogates, numbers
 * beyond the range of a double, and documents over the limits
 */
export function parseJson(text: string, options: ParseJsonOptions = {}): JsonValue {
  const maxChars = options.maxChars ?? MAX_JSON_CHARS;
  if (text.length > maxChars) {
    throw new WavsError("invalid_json", {
      message: `Cannot read JSON of ${text.length} characters because at most ${maxChars} are allowed`,
      retryable: false,
      meta: { chars: text.length, maxChars },
    });
  }
  return new JsonParser(text).document();
}

/** {@link parseJson} for bytes; what is not UTF-8 is no JSON. */
export function parseJsonBytes(bytes: Uint8Array, options: ParseJsonOptions = {}): JsonValue {
  let text: string;
  try {
    // ignoreBOM keeps a byte order mark in the text, where the parser refuses it.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WavsError("invalid_json", {
      message: "Cannot read JSON because the bytes are not UTF-8",
      retryable: false,
      cause,
    });
  }
  return parseJson(text, options);
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// deno-lint-ignore no-control-regex -- JSON forbids exactly these, unescaped
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const LITERALS = [["true", true], ["false", false], ["null", null]] as const;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class JsonParser {
  readonly #text: string;
  #offset = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    if (!this.#text.isWellFormed()) this.#fail("the text holds half of a surrogate pair");
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#offset < this.#text.length) this.#fail("expected the end of the text");
    return value;
  }

  #value(): JsonValue {
    const char = this.#text[this.#offset];
    switch (char) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "t":
      case "f":
      case "n":
        return this.#literal();
      default:
        return this.#number();
    }
  }

  #nested<T>(read: () => T): T {
    if (this.#depth >= MAX_JSON_DEPTH_LEVELS) this.#fail(`nested deeper than ${MAX_JSON_DEPTH_LEVELS} levels`);
    this.#depth++;
    this.#offset++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonValue {
    let members: Map<string, JsonValue> = new Map();
    this.#skipSpace();
    if (this.#take("}")) return members;
    while (true) {
      this.#skipSpace();
      if (this.#text[this.#offset] !== '"') this.#fail("expected a key in double quotes");
      const key = this.#string();
      this.#skipSpace();
      if (!this.#take(":")) this.#fail('expected ":"');
      this.#skipSpace();
      const value = this.#value();
      if (members.has(key)) members = repeating(members, key);
      members.set(key, value);
      this.#skipSpace();
      if (this.#take("}")) return members;
      if (!this.#take(",")) this.#fail('expected "," or "}"');
    }
  }

  #array(): JsonValue {
    const items: JsonValue[] = [];
    this.#skipSpace();
    if (this.#take("]")) return items;
    while (true) {
      this.#skipSpace();
      items.push(this.#value());
      this.#skipSpace();
      if (this.#take("]")) return items;
      if (!this.#take(",")) this.#fail('expected "," or "]"');
    }
  }

  #string(): string {
    this.#offset++;
    let value = "";
    while (true) {
      value += this.#match(PLAIN_TEXT)?.[0] ?? "";
      if (this.#take('"')) return value;
      if (!this.#take("\\")) {
        this.#fail(
          this.#offset < this.#text.length ? "a control character must be escaped" : "the string does not end",
        );
      }
      value += this.#escape();
    }
  }

  #escape(): string {
    if (this.#take("u")) return this.#unicodeEscape();
    const escaped = ESCAPES[this.#text[this.#offset] ?? ""];
    if (escaped === undefined) this.#fail("unknown escape");
    this.#offset++;
    return escaped;
  }

  #unicodeEscape(): string {
    const first = this.#codeUnit();
    if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
    const hasSecond = first <= 0xdbff && this.#take("\\") && this.#take("u");
    const pair = hasSecond ? String.fromCharCode(first, this.#codeUnit()) : String.fromCharCode(first);
    if (!pair.isWellFormed()) this.#fail("half of a surrogate pair");
    return pair;
  }

  #codeUnit(): number {
    const digits = this.#match(HEX4);
    if (digits === undefined) this.#fail("expected four hex digits");
    return parseInt(digits[0], 16);
  }

  #number(): bigint | number {
    const start = this.#offset;
    const literal = this.#match(NUMBER);
    if (literal === undefined) {
      this.#fail(start < this.#text.length ? "expected a value" : "the text ends too early");
    }
    const [digits, fraction, exponent] = literal;
    if (fraction === undefined && exponent === undefined && digits !== "-0") {
      const integer = BigInt(digits);
      if (integer >= MIN_I64 && integer <= MAX_U64) return integer;
    }
    const float = Number(digits);
    if (!Number.isFinite(float)) {
      this.#offset = start;
      this.#fail("the number is out of range");
    }
    return float;
  }

  #literal(): boolean | null {
    for (const [name, value] of LITERALS) {
      if (this.#text.startsWith(name, this.#offset)) {
        this.#offset += name.length;
        return value;
      }
    }
    return this.#fail("expected a value");
  }

  #skipSpace(): void {
    while (this.#offset < this.#text.length) {
      const code = this.#text.charCodeAt(this.#offset);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#offset++;
    }
  }

  #take(char: string): boolean {
    if (this.#text[this.#offset] !== char) return false;
    this.#offset++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#offset = pattern.lastIndex;
    return found;
  }

  #fail(reason: string): never {
    const before = this.#text.slice(0, this.#offset);
    const line = before.split("\n").length;
    const column = this.#offset - before.lastIndexOf("\n");
    throw new WavsError("invalid_json", {
      message: `Cannot read JSON at line ${line} column ${column} (offset ${this.#offset}): ${reason}`,
      retryable: false,
      meta: { offset: this.#offset, line, column },
    });
  }
}

function repeating(members: Map<string, JsonValue>, key: string): RepeatingJsonObject {
  const object = members instanceof RepeatingJsonObject ? members : new RepeatingJsonObject(members);
  object.repeatedKeys.add(key);
  return object;
}
