import type { HeaderEntry } from "./http_backend.ts";
import { FIELD_OVERHEAD_BYTES, MAX_FIELDS_BYTES } from "./limits.ts";
import type { GuestScope } from "./scope.ts";
import { trap } from "./trap.ts";

type HeaderError = { readonly tag: "invalid-syntax" | "forbidden" | "immutable" };

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Headers that belong to the host (spec/engine.md 2.3). */
export const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** `wasi:http/types` fields: headers and trailers, names in lower case, in the order they were added. */
export class Fields implements Disposable {
  readonly #scope: GuestScope;
  #entries: HeaderEntry[] = [];
  #bytes = 0;
  #isImmutable = false;

  constructor(scope: GuestScope) {
    this.#scope = scope;
    scope.own(this);
  }

  /** Fields a guest may read only. */
  static immutable(entries: readonly HeaderEntry[], scope: GuestScope): Fields {
    const fields = new Fields(scope);
    fields.#replace([...entries]);
    fields.#isImmutable = true;
    return fields;
  }

  freeze(): void {
    this.#isImmutable = true;
  }

  /** What stands in them, for the host. */
  get list(): readonly HeaderEntry[] {
    return this.#entries;
  }

  get(name: string): Uint8Array[] {
    const key = name.toLowerCase();
    return this.#entries.filter(([entry]) => entry === key).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.get(name).length > 0;
  }

  set(name: string, values: readonly Uint8Array[]): void {
    const key = this.#checked(name, values);
    const others = this.#entries.filter(([entry]) => entry !== key);
    this.#replace([...others, ...values.map((value): HeaderEntry => [key, value])]);
  }

  delete(name: string): void {
    const key = this.#checked(name, []);
    this.#replace(this.#entries.filter(([entry]) => entry !== key));
  }

  append(name: string, value: Uint8Array): void {
    const key = this.#checked(name, [value]);
    this.#replace([...this.#entries, [key, value]]);
  }

  entries(): readonly HeaderEntry[] {
    return this.#entries;
  }

  clone(): Fields {
    const copy = new Fields(this.#scope);
    copy.#replace([...this.#entries]);
    return copy;
  }

  #checked(name: string, values: readonly Uint8Array[]): string {
    if (this.#isImmutable) throw { tag: "immutable" } satisfies HeaderError;
    if (!TOKEN.test(name) || values.some(isBadValue)) {
      this.#scope.refuse("http", `the header "${name}" or its value is not one that HTTP can carry`);
      throw { tag: "invalid-syntax" } satisfies HeaderError;
    }
    const key = name.toLowerCase();
    if (FORBIDDEN_HEADERS.has(key)) {
      this.#scope.refuse("http", `the header "${key}" is the node's to set`);
      throw { tag: "forbidden" } satisfies HeaderError;
    }
    return key;
  }

  #replace(entries: HeaderEntry[]): void {
    const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length + FIELD_OVERHEAD_BYTES, 0);
    if (bytes > MAX_FIELDS_BYTES) throw trap(`it put more than "${MAX_FIELDS_BYTES}" bytes into one set of headers`);
    this.#scope.reserve(bytes - this.#bytes);
    this.#bytes = bytes;
    this.#entries = entries;
  }

  [Symbol.dispose](): void {
    this.#scope.disown(this);
    this.#scope.release(this.#bytes);
    this.#bytes = 0;
  }
}

/** Line ends and NUL would let a guest forge headers. */
function isBadValue(value: Uint8Array): boolean {
  return value.some((byte) => byte === 0 || byte === 10 || byte === 13);
}
