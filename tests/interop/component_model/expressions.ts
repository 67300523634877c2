/** A part of a text in the format of WebAssembly: `(…)`, a word, or a string. */
export type Expression = ListExpression | WordExpression | StringExpression;

export interface ListExpression {
  readonly kind: "list";
  readonly items: readonly Expression[];
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

export interface WordExpression {
  readonly kind: "word";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface StringExpression {
  readonly kind: "string";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Reads a whole text. @throws SyntaxError */
export function readExpressions(text: string): readonly Expression[] {
  const reader = new ExpressionReader(text);
  const items = reader.items();
  if (!reader.isAtEnd) throw new SyntaxError(`there is a ")" too many`);
  return items;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

class ExpressionReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Up to the end, or to the `)` of the list around them. */
  items(): Expression[] {
    const items: Expression[] = [];
    for (;;) {
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next === undefined || next === ")") return items;
      items.push(next === "(" ? this.#list() : next === '"' ? this.#string() : this.#word());
    }
  }

  #list(): ListExpression {
    const start = this.#at++;
    const items = this.items();
    if (this.isAtEnd) throw new SyntaxError(`the list at ${start} does not end`);
    return { kind: "list", items, start, end: ++this.#at };
  }

  #word(): WordExpression {
    const start = this.#at;
    const [text] = /[^\s()";]+/y.exec(this.#text.slice(start)) ?? [""];
    if (text === "") throw new SyntaxError(`nothing that can be read is at ${start}`);
    this.#at += text.length;
    return { kind: "word", text, start, end: this.#at };
  }

  #string(): StringExpression {
    const start = this.#at++;
    let text = "";
    for (let next = this.#text[this.#at++]; next !== '"'; next = this.#text[this.#at++]) {
      if (next === undefined) throw new SyntaxError(`the string at ${start} does not end`);
      text += next === "\\" ? this.#escape() : next;
    }
    return { kind: "string", text, start, end: this.#at };
  }

  #escape(): string {
    const rest = this.#text.slice(this.#at, this.#at + 10);
    const [, point] = /^u\{([0-9a-f]+)\}/i.exec(rest) ?? [];
    if (point !== undefined) {
      this.#at += point.length + 3;
      return String.fromCodePoint(Number.parseInt(point, 16));
    }
    const [byte] = /^[0-9a-f]{2}/i.exec(rest) ?? [];
    if (byte !== undefined) {
      this.#at += 2;
      return String.fromCharCode(Number.parseInt(byte, 16));
    }
    this.#at++;
    const escaped = rest.charAt(0);
    return ESCAPES[escaped] ?? escaped;
  }

  #skipSpace(): void {
    for (;;) {
      const start = this.#at;
      while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
      if (this.#text.startsWith(";;", this.#at)) {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (this.#text.startsWith("(;", this.#at)) this.#skipBlock();
      if (this.#at === start) return;
    }
  }

  /** Block comments hold others. */
  #skipBlock(): void {
    let depth = 0;
    do {
      if (this.isAtEnd) throw new SyntaxError("a comment does not end");
      if (this.#text.startsWith("(;", this.#at)) depth++, this.#at += 2;
      else if (this.#text.startsWith(";)", this.#at)) depth--, this.#at += 2;
      else this.#at++;
    } while (depth > 0);
  }
}
