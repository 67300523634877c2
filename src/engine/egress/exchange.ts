import { Buffer } from "node:buffer";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type Clock, SETTLED } from "@/context/mod.ts";
import type { HttpExchange, HttpRequest, HttpResponseHead } from "../wasi/http_backend.ts";
import { FORBIDDEN_HEADERS } from "../wasi/http_fields.ts";
import { DeclaredLength } from "./declared_length.ts";
import { httpError, httpErrorFrom } from "./errors.ts";
import { MAX_RESPONSE_BODY_BYTES, MAX_RESPONSE_HEADER_BYTES } from "./limits.ts";
import {
  type AddressPolicy,
  checkedLookup,
  refusePrivateLiteral,
  refusePrivatePeer,
  type ResolveName,
  resolveName,
} from "./resolve.ts";

export type ExchangeOptions = AddressPolicy;

export interface ExchangeModules {
  readonly clock: Clock;
  /** Default: the machine's resolver. */
  readonly resolve?: ResolveName;
}

/**
 * Sends one request over a connection of its own: no redirects, no pooling, no decompression, no header invented but
 * those of the connection (`host`, `connection`, framing). The address that was checked is the address that is connected.
 *
 * @throws WavsError (also from its methods) `http_error`
 */
export function openExchange(request: HttpRequest, options: ExchangeOptions, modules: ExchangeModules): HttpExchange {
  const url = parseUrl(request.url);
  refusePrivateLiteral(url, options);
  if (request.method === "CONNECT") throw httpError("HTTP-request-method-invalid", "tunnels are not offered");
  try {
    return new NodeExchange(request, url, options, modules);
  } catch (error) {
    throw httpErrorFrom(error);
  }
}

function parseUrl(text: string): URL {
  if (!/^https?:/i.test(text)) {
    throw httpError("HTTP-protocol-error", `the scheme of "${text}" is neither http nor https`);
  }
  try {
    return new URL(text);
  } catch (cause) {
    throw httpError("HTTP-request-URI-invalid", `"${text}" is no URL`, cause);
  }
}

class NodeExchange implements HttpExchange {
  readonly #request: ClientRequest;
  readonly #timeouts: HttpRequest["timeouts"];
  readonly #clock: Clock;
  readonly #length: DeclaredLength;
  readonly #head = Promise.withResolvers<IncomingMessage>();
  #body: AsyncIterator<Uint8Array> | undefined;
  #rest: Uint8Array | undefined;
  #received = 0;
  /** Of the response's body, where its head told. */
  #expected: number | undefined;

  constructor(request: HttpRequest, url: URL, options: ExchangeOptions, { clock, resolve }: ExchangeModules) {
    this.#timeouts = request.timeouts;
    this.#length = new DeclaredLength(request.headers);
    if (request.body === "none") this.#length.end();
    this.#clock = clock;
    this.#head.promise.catch(() => {});
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    this.#request = send(url, {
      method: request.method,
      headers: headersOf(request, url, this.#length.isDeclared),
      setHost: false,
      agent: false,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      lookup: checkedLookup(options, resolve ?? resolveName),
    });
    this.#listen();
    this.#checkPeer(url.hostname, options);
    this.#limitConnecting();
    if (request.body === "none") this.#request.end();
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#orEnd(() => this.#length.add(chunk.length));
    await new Promise<void>((resolve, reject) => {
      this.#request.write(Buffer.from(chunk), (error) => error ? reject(httpErrorFrom(error)) : resolve());
    });
  }

  async finish(): Promise<void> {
    this.#orEnd(() => this.#length.end());
    await Promise.resolve(this.#request.end());
  }

  async response(): Promise<HttpResponseHead> {
    const { firstByteMs } = this.#timeouts;
    const message = await this.#within(this.#head.promise, firstByteMs, "HTTP-response-timeout");
    this.#expected = lengthOf(message);
    this.#body = message[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    return { status: message.statusCode ?? 0, headers: responseHeaders(message) };
  }

  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    const chunk = this.#rest ?? await this.#next();
    if (chunk === undefined) return undefined;
    this.#rest = chunk.length > maxBytes ? chunk.subarray(maxBytes) : undefined;
    // A view, which `slice` of a Buffer is too, would drag its whole buffer across the port.
    return new Uint8Array(chunk.subarray(0, maxBytes));
  }

  get isAtEnd(): boolean {
    return this.#rest === undefined && this.#received === this.#expected;
  }

  cancel(): void {
    this.#request.destroy();
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#body === undefined) await this.response();
    const next = this.#body?.next() ?? Promise.resolve({ done: true as const, value: undefined });
    const { done, value } = await this.#within(next, this.#timeouts.betweenBytesMs, "connection-read-timeout");
    if (done === true || value === undefined) return undefined;
    this.#received += value.length;
    if (this.#received > MAX_RESPONSE_BODY_BYTES) {
      this.cancel();
      throw httpError("HTTP-response-body-size", `the body is larger than ${MAX_RESPONSE_BODY_BYTES} bytes`);
    }
    return value;
  }

  #listen(): void {
    this.#request.on("response", (message) => this.#head.resolve(message));
    this.#request.on("error", (error) => this.#head.reject(httpErrorFrom(error)));
    this.#request.on("upgrade", (_, socket) => {
      this.#head.reject(httpError("HTTP-upgrade-failed", "the server switched protocols unasked"));
      socket.destroy();
    });
    this.#request.on("close", () => this.#head.reject(httpError("connection-terminated", "the connection was closed")));
  }

  #checkPeer(hostname: string, options: ExchangeOptions): void {
    this.#request.on("socket", (socket) =>
      socket.once("connect", () => {
        try {
          refusePrivatePeer(hostname, socket.remoteAddress, options);
        } catch (error) {
          this.#end(error);
        }
      }));
  }

  /** What must not go on ends the exchange, for whoever writes and whoever waits for the answer. */
  #orEnd(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#end(error);
      throw error;
    }
  }

  #end(error: unknown): void {
    this.#head.reject(error);
    this.cancel();
  }

  #limitConnecting(): void {
    const connected = Promise.withResolvers<void>();
    this.#request.on("socket", (socket) => socket.once("connect", () => connected.resolve()));
    this.#request.once("close", () => connected.resolve());
    this.#within(connected.promise, this.#timeouts.connectMs, "connection-timeout").catch((error) => this.#end(error));
  }

  async #within<T>(work: Promise<T>, timeoutMs: number, code: string): Promise<T> {
    const settled = new AbortController();
    const late = this.#clock.sleep(timeoutMs, settled.signal).then(() => {
      if (!settled.signal.aborted) throw httpError(code, `nothing came within ${timeoutMs} ms`);
      return work;
    });
    late.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw httpErrorFrom(error);
    } finally {
      settled.abort(SETTLED);
    }
  }
}

function headersOf({ headers, body, method }: HttpRequest, url: URL, hasLength: boolean): string[] {
  // Node writes one byte per character. TextDecoder's "latin1" is windows-1252, which has others from 0x80 to 0x9f.
  const flat = headers
    .filter(([name]) => !FORBIDDEN_HEADERS.has(name.toLowerCase()))
    .flatMap(([name, value]) => [name, Buffer.from(value).toString("latin1")]);
  const isChunked = body === "stream" && !hasLength;
  const noBody = body === "none" && !hasLength && method !== "GET" && method !== "HEAD";
  return [
    "host",
    url.host,
    ...flat,
    ...(isChunked ? ["transfer-encoding", "chunked"] : []),
    ...(noBody ? ["content-length", "0"] : []),
  ];
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}

function responseHeaders({ rawHeaders }: IncomingMessage): [string, Uint8Array][] {
  const headers: [string, Uint8Array][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (!FORBIDDEN_HEADERS.has(name)) {
      headers.push([name, new Uint8Array(Buffer.from(rawHeaders[index + 1] ?? "", "latin1"))]);
    }
  }
  return headers;
}
