import { type PrimitiveName, PRIMITIVES } from "../binary/ast.ts";
import type { WitCase, WitField, WitType } from "./wit_types.ts";

/** A function of a world table. */
export interface WitFunction {
  readonly params: readonly WitField[];
  readonly result: WitType | undefined;
}

/** Reads the text of a structural type (`TypeTable.signature`). Every resource becomes `thing`. */
export function parseSignature(text: string): WitFunction {
  const parser = new SignatureParser(text);
  parser.expect("(");
  const params = parser.items(")", () => parser.field());
  parser.expect("->");
  return { params, result: parser.maybeType() };
}

class SignatureParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expect(what: string): void {
    if (!this.#skip(what)) throw new SyntaxError(`"${what}" is not at ${this.#at} of ${this.#text}`);
  }

  items<T>(close: string, read: () => T): T[] {
    const items: T[] = [];
    while (!this.#skip(close)) {
      if (items.length > 0) this.expect(",");
      items.push(read());
    }
    return items;
  }

  field(): WitField {
    const name = this.#word();
    this.expect(":");
    return { name, type: this.#type() };
  }

  maybeType(): WitType | undefined {
    return this.#skip("_") ? undefined : this.#type();
  }

  #type(): WitType {
    const word = this.#word();
    switch (word) {
      case "record":
        this.expect("{");
        return { kind: word, fields: this.items("}", () => this.field()) };
      case "variant":
        this.expect("{");
        return { kind: word, cases: this.items("}", () => this.#case()) };
      case "flags":
      case "enum":
        this.expect("{");
        return { kind: word, names: this.items("}", () => this.#word()) };
      case "own":
      case "borrow":
        this.#at = this.#text.indexOf(">", this.#at) + 1;
        return { kind: word };
      case "list":
      case "option": {
        const [of] = this.#parts();
        if (of === undefined) throw new SyntaxError(`a ${word} of nothing in ${this.#text}`);
        return { kind: word, of };
      }
      case "tuple":
        return { kind: word, of: this.#parts().filter((part) => part !== undefined) };
      case "result": {
        const [ok, err] = this.#parts();
        return { kind: word, ok, err };
      }
      default:
        if (!(PRIMITIVES as readonly string[]).includes(word)) throw new SyntaxError(`the type "${word}" is unknown`);
        return { kind: "primitive", name: word as PrimitiveName };
    }
  }

  #parts(): (WitType | undefined)[] {
    this.expect("<");
    return this.items(">", () => this.maybeType());
  }

  #case(): WitCase {
    const name = this.#word();
    if (!this.#skip("(")) return { name, type: undefined };
    const type = this.#type();
    this.expect(")");
    return { name, type };
  }

  #word(): string {
    const word = /^[A-Za-z0-9-]+/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    this.#at += word.length;
    return word;
  }

  #skip(what: string): boolean {
    if (!this.#text.startsWith(what, this.#at)) return false;
    this.#at += what.length;
    return true;
  }
}
