import type { Clock } from "@/context/mod.ts";
import { type Decoder, describeError, isWavsError, type JsonValue, parseJsonBytes } from "@/domain/mod.ts";
import { HttpRefusal } from "./errors.ts";
import { BODY_TIMEOUT_MS, MAX_BUFFERED_BODIES_BYTES } from "./limits.ts";

/** The content type of the refusals of a body (spec/wire.md 5.1). */
const TEXT = { "content-type": "text/plain; charset=utf-8" };

export interface BodyReaderOptions {
  /** Of one body. */
  readonly maxBytes: number;
}

export interface BodyReaderModules {
  readonly clock: Clock;
}

/** Reads the bodies of all requests, within a size for each, a size for all and a time (spec/wire.md 5.1). */
export class BodyReader {
  readonly #maxBytes: number;
  readonly #maxBufferedBytes: number;
  readonly #clock: Clock;
  #bufferedBytes = 0;

  constructor({ maxBytes }: BodyReaderOptions, { clock }: BodyReaderModules) {
    this.#maxBytes = maxBytes;
    this.#maxBufferedBytes = Math.max(maxBytes, MAX_BUFFERED_BODIES_BYTES);
    this.#clock = clock;
  }

  /** Refuses a body that says itself that it is too long, before any of it is read. @throws HttpRefusal 413 */
  checkDeclaredLength(request: Request): void {
    if (Number(request.headers.get("content-length") ?? 0) > this.#maxBytes) throw unreadable(413, TOO_LONG);
  }

  /**
   * Reads a body, giving up as soon as it is too long or too late.
   *
   * @throws HttpRefusal 413, 408, 503, or 400 when the client goes away
   */
  async bytes(request: Request): Promise<Uint8Array> {
    const reader = request.body?.getReader();
    if (reader === undefined) return new Uint8Array(0);
    const over = new AbortController();
    let isLate = false;
    void this.#clock.sleep(BODY_TIMEOUT_MS, over.signal).then(() => {
      if (over.signal.aborted) return;
      isLate = true;
      return cancel(reader);
    });
    try {
      const bytes = await this.#collect(reader);
      // A cancelled body ends as if it were complete.
      if (isLate) throw unreadable(408, `it did not arrive within ${BODY_TIMEOUT_MS / 1000} s`);
      return bytes;
    } finally {
      over.abort();
      await cancel(reader);
    }
  }

  /**
   * Reads a JSON body of the given shape.
   *
   * @throws HttpRefusal 415, 400, 422 with the texts of spec/wire.md 5.1, and what {@link bytes} throws
   */
  async json<T>(request: Request, decoder: Decoder<T>): Promise<T> {
    if (!isJsonType(request.headers.get("content-type"))) {
      throw new HttpRefusal(415, "Expected request with `Content-Type: application/json`", TEXT);
    }
    const bytes = await this.bytes(request);
    const refusing = <V>(status: number, problem: string, read: () => V): V => {
      try {
        return read();
      } catch (error) {
        if (!isWavsError(error)) throw error;
        throw new HttpRefusal(status, `${problem}: ${describeError(error)}`, TEXT);
      }
    };
    const value: JsonValue = refusing(
      400,
      "Failed to parse the request body as JSON",
      () => parseJsonBytes(bytes, { maxChars: this.#maxBytes }),
    );
    return refusing(422, "Failed to deserialize the JSON body into the target type", () => decoder(value));
  }

  async #collect(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      while (true) {
        const { done, value } = await reader.read().catch((cause) => {
          throw unreadable(400, describeError(cause));
        });
        if (done) return joined(chunks, length);
        length += value.length;
        this.#bufferedBytes += value.length;
        if (length > this.#maxBytes) throw unreadable(413, TOO_LONG);
        if (this.#bufferedBytes > this.#maxBufferedBytes) throw unreadable(503, "too many others are being sent");
        chunks.push(value);
      }
    } finally {
      this.#bufferedBytes -= length;
    }
  }
}

const TOO_LONG = "length limit exceeded";

function unreadable(status: number, reason: string): HttpRefusal {
  return new HttpRefusal(status, `Failed to buffer the request body: ${reason}`, TEXT);
}

/** Lets go of what was not read; a connection that is gone already is let go of too. */
async function cancel(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  await reader.cancel().catch(() => {});
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function isJsonType(header: string | null): boolean {
  const type = (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || /^application\/[^/]+\+json$/.test(type);
}
