import { WavsError } from "@/domain/mod.ts";
import type { HttpExchange, HttpRequest, HttpResponseHead } from "../wasi/http_backend.ts";
import { httpError } from "./errors.ts";
import { type ExchangeModules, type ExchangeOptions, openExchange } from "./exchange.ts";
import { MAX_REDIRECTS } from "./limits.ts";

export interface FetchRequest {
  readonly uri: string;
  readonly maxBytes: number;
  /** For the whole fetch, redirects and body included. */
  readonly timeoutMs: number;
}

const READ_BYTES = 256 * 1024;

/**
 * Fetches a whole document; the address policy holds for every hop.
 *
 * @throws WavsError `uri_unsupported`, `fetch_status`, `fetch_redirects`, `fetch_too_large`, `http_error`
 */
export async function fetchBytes(
  request: FetchRequest,
  options: ExchangeOptions,
  modules: ExchangeModules,
): Promise<{ readonly bytes: Uint8Array }> {
  const ended = new AbortController();
  const late = Promise.withResolvers<never>();
  void modules.clock.sleep(request.timeoutMs, ended.signal).then(() => {
    if (ended.signal.aborted) return;
    late.reject(httpError("connection-read-timeout", `"${request.uri}" took longer than ${request.timeoutMs} ms`));
  });
  const open = (url: string) => {
    const exchange = openExchange(toHttpRequest(url, request.timeoutMs), options, modules);
    ended.signal.addEventListener("abort", () => exchange.cancel(), { once: true });
    return exchange;
  };
  try {
    return { bytes: await Promise.race([follow(request, open), late.promise]) };
  } finally {
    ended.abort();
  }
}

function toHttpRequest(url: string, timeoutMs: number): HttpRequest {
  const timeouts = { connectMs: timeoutMs, firstByteMs: timeoutMs, betweenBytesMs: timeoutMs };
  return { method: "GET", url, headers: [], body: "none", timeouts };
}

async function follow({ uri, maxBytes }: FetchRequest, open: (url: string) => HttpExchange): Promise<Uint8Array> {
  let url = uri;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    refuseScheme(url);
    const exchange = open(url);
    try {
      const head = await exchange.response();
      const next = redirectTarget(head, url);
      if (next === undefined) {
        refuseStatus(head.status, uri);
        return await readAll(exchange, uri, maxBytes);
      }
      url = next;
    } finally {
      exchange.cancel();
    }
  }
  throw new WavsError("fetch_redirects", {
    message: `Cannot fetch "${uri}" because it redirects more than ${MAX_REDIRECTS} times`,
    retryable: false,
    meta: { uri },
  });
}

function redirectTarget({ status, headers }: HttpResponseHead, base: string): string | undefined {
  const value = headers.find(([name]) => name === "location")?.[1];
  if (status < 300 || status >= 400 || value === undefined) return undefined;
  const location = new TextDecoder().decode(value);
  const target = URL.parse(location, base);
  if (target === null) throw httpError("HTTP-protocol-error", `"${base}" redirects to "${location}", which is no URL`);
  return target.href;
}

function refuseScheme(uri: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return;
  throw new WavsError("uri_unsupported", {
    message: `Cannot fetch "${uri}" because its scheme "${scheme ?? ""}" is not supported; http and https are`,
    retryable: false,
    meta: { uri },
  });
}

function refuseStatus(status: number, uri: string): void {
  if (status >= 200 && status < 300) return;
  throw new WavsError("fetch_status", {
    message: `Failed to fetch data, status code: ${status}`,
    retryable: status >= 500 || status === 429,
    meta: { uri, status },
  });
}

async function readAll(exchange: HttpExchange, uri: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let chunk = await exchange.read(READ_BYTES); chunk !== undefined; chunk = await exchange.read(READ_BYTES)) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new WavsError("fetch_too_large", {
        message: `Cannot fetch "${uri}" because it is larger than ${maxBytes} bytes`,
        retryable: false,
        meta: { uri },
      });
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
