import { Buffer } from "node:buffer";
import { lookup as lookupAll } from "node:dns";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Clock } from "@/context/mod.ts";
import type { HttpExchange, HttpRequest, HttpResponseHead } from "../wasi/http_backend.ts";
import { FORBIDDEN_HEADERS } from "../wasi/http_fields.ts";
import { isPublicAddress } from "./addresses.ts";
import { httpError, httpErrorFrom } from "./errors.ts";
import { MAX_RESPONSE_BODY_BYTES, MAX_RESPONSE_HEADER_BYTES } from "./limits.ts";

export interface ExchangeOptions {
  /** Whether loopback, private and link-local addresses may be connected to. */
  readonly allowPrivateNetworks: boolean;
}

/**
 * Sends one request over a connection of its own: no redirects, no pooling, no decompression, no header invented but
 * those of the connection (`host`, `connection`, framing). The address that was checked is the address that is connected.
 *
 * @throws WavsError (also from its methods) `http_error`
 */
export function openExchange(request: HttpRequest, options: ExchangeOptions, clock: Clock): HttpExchange {
  const url = parseUrl(request.url);
  refusePrivateLiteral(url, options);
  if (request.method === "CONNECT") throw httpError("HTTP-request-method-invalid", "tunnels are not offered");
  try {
    return new NodeExchange(request, url, options, clock);
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

/** Literals are connected without a lookup, so they are checked here. */
function refusePrivateLiteral(url: URL, { allowPrivateNetworks }: ExchangeOptions): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivateNetworks && isIP(host) !== 0 && !isPublicAddress(host)) throw privateAddress(host);
}

function privateAddress(address: string): ReturnType<typeof httpError> {
  return httpError("HTTP-request-denied", `the address "${address}" is not public; see allow_private_networks`);
}

class NodeExchange implements HttpExchange {
  readonly #request: ClientRequest;
  readonly #timeouts: HttpRequest["timeouts"];
  readonly #clock: Clock;
  readonly #head = Promise.withResolvers<IncomingMessage>();
  #body: AsyncIterator<Uint8Array> | undefined;
  #rest: Uint8Array | undefined;
  #received = 0;

  constructor(request: HttpRequest, url: URL, options: ExchangeOptions, clock: Clock) {
    this.#timeouts = request.timeouts;
    this.#clock = clock;
    this.#head.promise.catch(() => {});
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    this.#request = send(url, {
      method: request.method,
      headers: headersOf(request, url),
      setHost: false,
      agent: false,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      lookup: checkedLookup(options),
    });
    this.#listen();
    this.#limitConnecting();
    if (request.body === "none") this.#request.end();
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#request.write(Buffer.from(chunk), (error) => error ? reject(httpErrorFrom(error)) : resolve());
    });
  }

  finish(): Promise<void> {
    this.#request.end();
    return Promise.resolve();
  }

  async response(): Promise<HttpResponseHead> {
    const { firstByteMs } = this.#timeouts;
    const message = await this.#within(this.#head.promise, firstByteMs, "HTTP-response-timeout");
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

  #limitConnecting(): void {
    const connected = Promise.withResolvers<void>();
    this.#request.on("socket", (socket) => socket.once("connect", () => connected.resolve()));
    this.#request.once("close", () => connected.resolve());
    this.#within(connected.promise, this.#timeouts.connectMs, "connection-timeout").catch((error) => {
      this.#head.reject(error);
      this.cancel();
    });
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
      settled.abort();
    }
  }
}

function headersOf({ headers, body, method }: HttpRequest, url: URL): string[] {
  // Node writes one byte per character. TextDecoder's "latin1" is windows-1252, which has others from 0x80 to 0x9f.
  const flat = headers
    .filter(([name]) => !FORBIDDEN_HEADERS.has(name.toLowerCase()))
    .flatMap(([name, value]) => [name, Buffer.from(value).toString("latin1")]);
  const hasLength = headers.some(([name]) => name.toLowerCase() === "content-length");
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

/** Resolves a name and hands on only what may be connected to. */
function checkedLookup({ allowPrivateNetworks }: ExchangeOptions): LookupFunction {
  return (hostname, options, callback) => {
    lookupAll(hostname, { all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const usable = addresses.filter(({ address }) => allowPrivateNetworks || isPublicAddress(address));
      const [first] = usable;
      if (first === undefined) return callback(privateAddress(addresses[0]?.address ?? hostname), []);
      if (options.all === true) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}
