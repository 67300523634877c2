import { IoError } from "./error.ts";
import type { HttpExchange, HttpResponseHead } from "./http_backend.ts";
import { type HttpErrorCode, noteHttpError } from "./http_errors.ts";
import { Fields } from "./http_fields.ts";
import { MAX_STREAM_CHUNK_BYTES } from "./limits.ts";
import { Pollable } from "./poll.ts";
import { PulledSource } from "./pulled_source.ts";
import { ALWAYS_READY, type Readiness, Wakers } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import { InputStream } from "./streams.ts";

type Result<Ok, Err> = { readonly tag: "ok"; readonly val: Ok } | { readonly tag: "err"; readonly val: Err };

/** `wasi:http/types` future-incoming-response: refusals arrive here too, since guests unwrap errors of `handle` itself. */
export class FutureIncomingResponse implements Disposable {
  readonly #scope: GuestScope;
  readonly #wakers = new Wakers();
  #outcome: Result<IncomingResponse, HttpErrorCode> | undefined;
  #isTaken = false;
  readonly #exchange: HttpExchange;

  constructor(exchange: HttpExchange, sent: Promise<void>, scope: GuestScope) {
    this.#exchange = exchange;
    this.#scope = scope;
    scope.own(this);
    void this.#follow(sent);
  }

  subscribe(): Pollable {
    const condition: Readiness = {
      ready: () => this.#outcome !== undefined,
      onReady: (wake) => this.#wakers.add(wake),
    };
    return new Pollable(condition, this.#scope);
  }

  get(): Result<Result<IncomingResponse, HttpErrorCode>, undefined> | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#isTaken) return { tag: "err", val: undefined };
    this.#isTaken = true;
    return { tag: "ok", val: this.#outcome };
  }

  [Symbol.dispose](): void {
    this.#scope.disown(this);
    if (!this.#isTaken) this.#exchange.cancel();
  }

  async #follow(sent: Promise<void>): Promise<void> {
    try {
      await sent;
      const head = await this.#exchange.response();
      if (this.#scope.signal.aborted) return this.#exchange.cancel();
      this.#outcome = { tag: "ok", val: new IncomingResponse(head, this.#exchange, this.#scope) };
    } catch (error) {
      this.#outcome = { tag: "err", val: noteHttpError(error, this.#scope) };
    }
    this.#wakers.wake();
  }
}

/** `wasi:http/types` incoming-response. */
export class IncomingResponse implements Disposable {
  readonly #head: HttpResponseHead;
  readonly #exchange: HttpExchange;
  readonly #scope: GuestScope;
  #isConsumed = false;

  constructor(head: HttpResponseHead, exchange: HttpExchange, scope: GuestScope) {
    this.#head = head;
    this.#exchange = exchange;
    this.#scope = scope;
    scope.own(this);
  }

  status(): number {
    return this.#head.status;
  }

  headers(): Fields {
    return Fields.immutable(this.#head.headers, this.#scope);
  }

  consume(): IncomingBody {
    if (this.#isConsumed) throw undefined;
    this.#isConsumed = true;
    return new IncomingBody(this.#exchange, this.#scope);
  }

  [Symbol.dispose](): void {
    this.#scope.disown(this);
    if (!this.#isConsumed) this.#exchange.cancel();
  }
}

/** `wasi:http/types` incoming-body. */
export class IncomingBody implements Disposable {
  readonly #exchange: HttpExchange;
  readonly #scope: GuestScope;
  #isTaken = false;

  constructor(exchange: HttpExchange, scope: GuestScope) {
    this.#exchange = exchange;
    this.#scope = scope;
    scope.own(this);
  }

  stream(): InputStream {
    if (this.#isTaken) throw undefined;
    this.#isTaken = true;
    const source = new PulledSource({
      maxBytes: () => MAX_STREAM_CHUNK_BYTES,
      read: (maxBytes) => this.#exchange.read(maxBytes),
      errorOf: (error) => {
        const code = noteHttpError(error, this.#scope);
        return new IoError(code.tag, code);
      },
      close: () => this.#exchange.cancel(),
    });
    return new InputStream(source, this.#scope);
  }

  static finish(body: IncomingBody): FutureTrailers {
    body[Symbol.dispose]();
    return new FutureTrailers(body.#scope);
  }

  [Symbol.dispose](): void {
    this.#scope.disown(this);
    this.#exchange.cancel();
  }
}

/** `wasi:http/types` future-trailers: this host passes no trailers on, so there are none at once. */
export class FutureTrailers {
  readonly #scope: GuestScope;
  #isTaken = false;

  constructor(scope: GuestScope) {
    this.#scope = scope;
  }

  subscribe(): Pollable {
    return new Pollable(ALWAYS_READY, this.#scope);
  }

  get(): Result<Result<undefined, HttpErrorCode>, undefined> {
    if (this.#isTaken) return { tag: "err", val: undefined };
    this.#isTaken = true;
    return { tag: "ok", val: { tag: "ok", val: undefined } };
  }
}
