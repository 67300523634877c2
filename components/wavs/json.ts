/**
 * JSON whose integers keep all 64 bits, with the error texts of Rust's `serde_json`, which operators know from other
 * components.
 *
 * @module
 */

/** 2^64 */
const U64_END = 1n << 64n;

/** 2^63; below, the reader takes no integer under -2^63. */
const I64_END = U64_END / 2n;

/** Deeper nesting is refused, as the guest's stack is small. */
const MAX_DEPTH = 128;

type Shape =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly value: readonly JsonNode[] }
  | { readonly kind: "object"; readonly value: ReadonlyMap<string, JsonNode> };

/** A value and where it ends, so that whoever finds it unfit can say where. */
export class JsonNode {
  readonly #shape: Shape;
  readonly #end: string;

  constructor(shape: Shape, end: string) {
    this.#shape = shape;
    this.#end = end;
  }

  /** @throws Error when this is no object or lacks the field */
  field(name: string): JsonNode {
    if (this.#shape.kind !== "object") throw this.#unfit("a map");
    const node = this.#shape.value.get(name);
    if (node === undefined) throw new Error(`missing field \`${name}\` at ${this.#end}`);
    return node;
  }

  /** @throws Error when this is no unsigned 64-bit integer */
  u64(): bigint {
    if (this.#shape.kind !== "integer") throw this.#unfit("u64");
    if (this.#shape.value < 0n) {
      throw new Error(`invalid value: integer \`${this.#shape.value}\`, expected u64 at ${this.#end}`);
    }
    return this.#shape.value;
  }

  /** @throws Error when this is no signed 64-bit integer */
  i64(): bigint {
    if (this.#shape.kind !== "integer") throw this.#unfit("i64");
    if (this.#shape.value >= I64_END) {
      throw new Error(`invalid value: integer \`${this.#shape.value}\`, expected i64 at ${this.#end}`);
    }
    return this.#shape.value;
  }

  /** @throws Error when this is no string */
  string(): string {
    if (this.#shape.kind !== "string") throw this.#unfit("a string");
    return this.#shape.value;
  }

  /** @throws Error when this is no array of two */
  pair(): readonly [JsonNode, JsonNode] {
    if (this.#shape.kind !== "array") throw this.#unfit("a tuple of size 2");
    const [first, second, ...others] = this.#shape.value;
    if (first === undefined || second === undefined || others.length > 0) {
      throw new Error(`invalid length ${this.#shape.value.length}, expected a tuple of size 2 at ${this.#end}`);
    }
    return [first, second];
  }

  #unfit(expected: string): Error {
    return new Error(`invalid type: ${describe(this.#shape)}, expected ${expected} at ${this.#end}`);
  }
}

function describe(shape: Shape): string {
  switch (shape.kind) {
    case "null":
      return "null";
    case "boolean":
      return `boolean \`${shape.value}\``;
    case "integer":
      return `integer \`${shape.value}\``;
    case "float":
      return `floating point \`${shape.value}\``;
    case "string":
      return `string ${JSON.stringify(shape.value)}`;
    case "array":
      return "sequence";
    case "object":
      return "map";
  }
}

/** Reads one JSON value. @throws Error naming line and column */
export function parseJson(text: string): JsonNode {
  const reader = new JsonReader(text);
  const node = reader.value(0);
  reader.finish();
  return node;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw this.#error("recursion limit exceeded", 1);
    const first = this.#peek();
    switch (first) {
      case undefined:
        throw this.#error("EOF while parsing a value");
      case "n":
        return this.#word("null", { kind: "null" });
      case "t":
        return this.#word("true", { kind: "boolean", value: true });
      case "f":
        return this.#word("false", { kind: "boolean", value: false });
      case '"':
        return this.#node({ kind: "string", value: this.#string() });
      case "[":
        return this.#array(depth);
      case "{":
        return this.#object(depth);
      default:
        return this.#number();
    }
  }

  finish(): void {
    if (this.#peek() !== undefined) throw this.#error("trailing characters", 1);
  }

  #word(word: string, shape: Shape): JsonNode {
    for (const letter of word) {
      const found = this.#text[this.#at];
      if (found === undefined) throw this.#error("EOF while parsing a value");
      this.#at++;
      if (found !== letter) throw this.#error("expected ident");
    }
    return this.#node(shape);
  }

  #number(): JsonNode {
    const match = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.exec(this.#text.slice(this.#at));
    if (match === null) throw this.#error("expected value", 1);
    const [digits, fraction, exponent] = match;
    this.#at += digits.length;
    const integer = fraction === undefined && exponent === undefined ? BigInt(digits) : undefined;
    return integer !== undefined && integer < U64_END && integer >= -U64_END / 2n
      ? this.#node({ kind: "integer", value: integer })
      : this.#node({ kind: "float", value: Number(digits) });
  }

  #string(): string {
    const start = this.#at;
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#error("EOF while parsing a string");
      if (character < " ") {
        throw this.#error("control character (\\u0000-\\u001F) found while parsing a string", 1);
      }
      if (character === "\\") this.#at++;
    }
    this.#at++;
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      throw this.#error("invalid escape");
    }
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at++;
    if (this.#skip("]")) return this.#node({ kind: "array", value: items });
    do items.push(this.value(depth + 1)); while (this.#another("]", "a list"));
    return this.#node({ kind: "array", value: items });
  }

  #object(depth: number): JsonNode {
    const fields = new Map<string, JsonNode>();
    this.#at++;
    if (this.#skip("}")) return this.#node({ kind: "object", value: fields });
    do {
      if (this.#peek() === undefined) throw this.#error("EOF while parsing an object");
      if (this.#peek() !== '"') throw this.#error("key must be a string", 1);
      const name = this.#string();
      if (!this.#skip(":")) {
        throw this.#error(this.#peek() === undefined ? "EOF while parsing an object" : "expected `:`", 1);
      }
      fields.set(name, this.value(depth + 1));
    } while (this.#another("}", "an object"));
    return this.#node({ kind: "object", value: fields });
  }

  /** Whether a comma announces a further element; consumes it, or the closing bracket. */
  #another(close: string, what: string): boolean {
    if (this.#skip(",")) return true;
    if (this.#skip(close)) return false;
    if (this.#peek() === undefined) throw this.#error(`EOF while parsing ${what}`);
    throw this.#error(`expected \`,\` or \`${close}\``, 1);
  }

  #skip(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  /** The next character that is no white space, not consumed. */
  #peek(): string | undefined {
    while (/^[ \t\r\n]$/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text[this.#at];
  }

  #node(shape: Shape): JsonNode {
    return new JsonNode(shape, this.#position(0));
  }

  /** @param offset 1 when the character at fault is not consumed yet */
  #error(what: string, offset = 0): Error {
    return new Error(`${what} at ${this.#position(offset)}`);
  }

  #position(offset: number): string {
    const before = this.#text.slice(0, this.#at + offset).split("\n");
    return `line ${before.length} column ${before.at(-1)?.length ?? 0}`;
  }
}
