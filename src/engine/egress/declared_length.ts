import type { HeaderEntry } from "../wasi/http_backend.ts";
import { httpError } from "./errors.ts";

const DIGITS = /^\d{1,15}$/;

/**
 * Holds a request body to the `content-length` the guest declared. What came after it would be a request of its own to
 * the server, with headers nobody checked.
 */
export class DeclaredLength {
  readonly #declared: number | undefined;
  #written = 0;

  /** @throws WavsError `http_error` `HTTP-request-denied` when the length is given twice or is no number */
  constructor(headers: readonly HeaderEntry[]) {
    const values = headers.filter(([name]) => name.toLowerCase() === "content-length");
    if (values.length === 0) return;
    const text = new TextDecoder().decode(values[0]?.[1]);
    if (values.length > 1 || !DIGITS.test(text)) {
      throw httpError("HTTP-request-denied", `"content-length" must be there once and be a number`);
    }
    this.#declared = Number(text);
  }

  get isDeclared(): boolean {
    return this.#declared !== undefined;
  }

  /** @throws WavsError `http_error` `HTTP-request-body-size` */
  add(bytes: number): void {
    this.#written += bytes;
    if (this.#declared !== undefined && this.#written > this.#declared) throw this.#mismatch(this.#declared);
  }

  /** @throws WavsError `http_error` `HTTP-request-body-size` */
  end(): void {
    if (this.#declared !== undefined && this.#written !== this.#declared) throw this.#mismatch(this.#declared);
  }

  #mismatch(declared: number): ReturnType<typeof httpError> {
    const why = `the body has ${this.#written} bytes or more and "content-length" says ${declared}`;
    return httpError("HTTP-request-body-size", why);
  }
}
