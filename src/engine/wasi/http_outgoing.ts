import { IoError } from "./error.ts";
import type { HttpExchange } from "./http_backend.ts";
import { type HttpErrorCode, httpErrorOf } from "./http_errors.ts";
import type { Fields } from "./http_fields.ts";
import { MAX_UNSENT_BODY_BYTES, MAX_URL_PART_CHARS } from "./limits.ts";
import { Wakers } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import { type ByteSink, OutputStream } from "./streams.ts";

export interface Method {
  readonly tag: string;
  readonly val?: string;
}

export interface Scheme {
  readonly tag: "HTTP" | "HTTPS" | "other";
  readonly val?: string;
}

const METHOD_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Nothing, or something that cannot be taken for a part of the authority it is put behind. */
const PATH = /^(?:[/?][^\s#]*)?$/;

/** `wasi:http/types` outgoing-request. */
export class OutgoingRequest {
  readonly #headers: Fields;
  readonly #scope: GuestScope;
  #method: Method = { tag: "get" };
  #path: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;
  bodyTaken: OutgoingBody | undefined;

  constructor(headers: Fields, scope: GuestScope) {
    headers.freeze();
    this.#headers = headers;
    this.#scope = scope;
  }

  body(): OutgoingBody {
    if (this.bodyTaken !== undefined) throw undefined;
    this.bodyTaken = new OutgoingBody(this.#scope);
    return this.bodyTaken;
  }

  method(): Method {
    return this.#method;
  }

  setMethod(method: Method): void {
    if (method.tag === "other" && !METHOD_TOKEN.test(method.val ?? "")) this.#refuse("method", method.val);
    this.#method = method;
  }

  pathWithQuery(): string | undefined {
    return this.#path;
  }

  setPathWithQuery(path: string | undefined): void {
    if (path !== undefined && (path.length > MAX_URL_PART_CHARS || !PATH.test(path))) this.#refuse("path", path);
    this.#path = path;
  }

  scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): void {
    this.#scheme = scheme;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    if (authority !== undefined && (authority.length > MAX_URL_PART_CHARS || /[\s/?#@\\]/.test(authority))) {
      this.#refuse("authority", authority);
    }
    this.#authority = authority;
  }

  headers(): Fields {
    return this.#headers;
  }

  /** The interface knows no reasons here. */
  #refuse(part: string, value = ""): never {
    this.#scope.refuse("http", `"${value}" cannot be the ${part} of a request`);
    throw undefined;
  }
}

/** `wasi:http/types` request-options; durations in nanoseconds. */
export class RequestOptions {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration;
  }
}

/**
 * `wasi:http/types` outgoing-body. A guest may write before it sends the request, so chunks wait here (bounded) until
 * there is an exchange to take them.
 */
export class OutgoingBody implements Disposable {
  readonly #scope: GuestScope;
  readonly #wakers = new Wakers();
  readonly #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #exchange: HttpExchange | undefined;
  #isPumping = false;
  #isTaken = false;
  #isFinished = false;
  #failure: HttpErrorCode | undefined;

  constructor(scope: GuestScope) {
    this.#scope = scope;
    scope.own(this);
  }

  write(): OutputStream {
    if (this.#isTaken) throw undefined;
    this.#isTaken = true;
    return new OutputStream(this.#sink(), this.#scope);
  }

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    if (trailers !== undefined && trailers.list.length > 0) {
      throw { tag: "internal-error", val: "request trailers are not supported" } satisfies HttpErrorCode;
    }
    body.#isFinished = true;
    body.#pump();
  }

  /** Gives the body somewhere to go. */
  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    this.#pump();
  }

  fail(code: HttpErrorCode): void {
    this.#failure = code;
    this.#drop();
    this.#wakers.wake();
  }

  /** A body dropped before it was finished must not be taken for a whole one. */
  [Symbol.dispose](): void {
    this.#scope.disown(this);
    if (!this.#isFinished) this.#exchange?.cancel();
    this.#drop();
  }

  #drop(): void {
    this.#unsent.length = 0;
    this.#scope.release(this.#unsentBytes);
    this.#unsentBytes = 0;
  }

  #sink(): ByteSink {
    return {
      ready: () => this.#failure !== undefined || this.#unsentBytes < MAX_UNSENT_BODY_BYTES,
      onReady: (wake) => this.#wakers.add(wake),
      capacity: () => {
        if (this.#failure !== undefined) throw new IoError(this.#failure.tag, this.#failure);
        return this.#isFinished ? undefined : MAX_UNSENT_BODY_BYTES - this.#unsentBytes;
      },
      write: (bytes) => {
        this.#scope.reserve(bytes.length);
        this.#unsent.push(bytes.slice());
        this.#unsentBytes += bytes.length;
        this.#pump();
      },
      // Before the request is sent there is nothing to wait for: the guest could not send it while it waits.
      flushed: () => this.#exchange === undefined || this.#unsentBytes === 0 || this.#failure !== undefined,
      close: () => {},
    };
  }

  #pump(): void {
    if (this.#isPumping || this.#exchange === undefined) return;
    this.#isPumping = true;
    void this.#send(this.#exchange).catch((error) => this.fail(httpErrorOf(error))).finally(() => {
      this.#isPumping = false;
    });
  }

  async #send(exchange: HttpExchange): Promise<void> {
    for (let chunk = this.#unsent.shift(); chunk !== undefined; chunk = this.#unsent.shift()) {
      await exchange.write(chunk);
      this.#unsentBytes -= chunk.length;
      this.#scope.release(chunk.length);
      this.#wakers.wake();
    }
    if (this.#isFinished) await exchange.finish();
  }
}
