import { WavsError } from "@/domain/mod.ts";
import type { FetchLimits, Get, GetAnswer, GetRequest } from "../supply/types.ts";
import type { HttpExchange, HttpRequest, HttpResponseHead } from "../wasi/http_backend.ts";
import { httpError } from "./errors.ts";
import { type ExchangeModules, type ExchangeOptions, openExchange } from "./exchange.ts";
import { MAX_REDIRECTS } from "./limits.ts";

const READ_BYTES = 256 * 1024;

/**
 * Runs one fetch of the node's own: as many requests as `work` needs, all within one deadline, every hop of theirs under
 * the address policy. Connections still open when it ends are closed.
 *
 * @param what the URI or package, for the message when time is up
 * @throws WavsError what `work` throws, or `http_error` `connection-read-timeout`
 */
export async function withinFetch<Result>(
  what: string,
  { timeoutMs }: FetchLimits,
  { options, modules }: { readonly options: ExchangeOptions; readonly modules: ExchangeModules },
  work: (get: Get) => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController();
  const late = Promise.withResolvers<never>();
  void modules.clock.sleep(timeoutMs, ended.signal).then(() => {
    if (ended.signal.aborted) return;
    late.reject(httpError("connection-read-timeout", `"${what}" took longer than ${timeoutMs} ms`));
  });
  const open = (request: HttpRequest) => {
    ended.signal.throwIfAborted();
    const exchange = openExchange(request, options, modules);
    ended.signal.addEventListener("abort", () => exchange.cancel(), { once: true });
    return exchange;
  };
  try {
    return await Promise.race([work((request) => follow(request, timeoutMs, open)), late.promise]);
  } finally {
    ended.abort();
  }
}

/** Sends the request and goes where its redirects lead. */
async function follow(
  request: GetRequest,
  timeoutMs: number,
  open: (request: HttpRequest) => HttpExchange,
): Promise<GetAnswer> {
  let { url, headers = {} } = request;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    refuseScheme(url);
    const exchange = open(toHttpRequest({ url, headers }, timeoutMs));
    const head = await exchange.response();
    const next = redirectTarget(head, url);
    if (next === undefined) return toAnswer(exchange, head, url);
    exchange.cancel();
    if (new URL(next).origin !== new URL(url).origin) headers = withoutCredentials(headers);
    url = next;
  }
  throw new WavsError("fetch_redirects", {
    message: `Cannot fetch "${request.url}" because it redirects more than ${MAX_REDIRECTS} times`,
    retryable: false,
    meta: { uri: request.url },
  });
}

function toHttpRequest({ url, headers = {} }: GetRequest, timeoutMs: number): HttpRequest {
  const encoder = new TextEncoder();
  return {
    method: "GET",
    url,
    headers: Object.entries(headers).map(([name, value]) => [name, encoder.encode(value)]),
    body: "none",
    timeouts: { connectMs: timeoutMs, firstByteMs: timeoutMs, betweenBytesMs: timeoutMs },
  };
}

/** A token is for the host that asked for it, not for whatever store that host sends the client to. */
function withoutCredentials(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "authorization"));
}

function redirectTarget({ status, headers }: HttpResponseHead, base: string): string | undefined {
  const location = status >= 300 && status < 400 ? textOf(headers, "location") : undefined;
  if (location === undefined) return undefined;
  const target = URL.parse(location, base);
  if (target === null) throw httpError("HTTP-protocol-error", `"${base}" redirects to "${location}", which is no URL`);
  return target.href;
}

function toAnswer(exchange: HttpExchange, { status, headers }: HttpResponseHead, url: string): GetAnswer {
  return { status, url, header: (name) => textOf(headers, name), chunks: chunksOf(exchange) };
}

async function* chunksOf(exchange: HttpExchange): AsyncIterable<Uint8Array> {
  try {
    for (let chunk = await exchange.read(READ_BYTES); chunk !== undefined; chunk = await exchange.read(READ_BYTES)) {
      yield chunk;
    }
  } finally {
    exchange.cancel();
  }
}

function textOf(headers: HttpResponseHead["headers"], name: string): string | undefined {
  const value = headers.find((header) => header[0] === name)?.[1];
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

function refuseScheme(uri: string): void {
  if (/^https?:/i.test(uri)) return;
  throw new WavsError("uri_unsupported", {
    message: `Cannot follow a redirect to "${uri}" because it is neither http nor https`,
    retryable: false,
    meta: { uri },
  });
}
