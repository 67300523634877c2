import type { Clock } from "@/context/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import type { HttpExchange } from "../wasi/http_backend.ts";
import { type ExchangeOptions, openExchange } from "./exchange.ts";
import { MAX_REDIRECTS } from "./limits.ts";

export interface FetchRequest {
  readonly uri: string;
  readonly maxBytes: number;
  /** For each phase: connecting, first byte, between bytes. */
  readonly timeoutMs: number;
}

const READ_BYTES = 256 * 1024;

/** Fetches a whole document; the address policy holds for every hop. */
export async function fetchBytes(
  { uri, maxBytes, timeoutMs }: FetchRequest,
  options: ExchangeOptions,
  clock: Clock,
): Promise<{ readonly bytes: Uint8Array }> {
  let url = uri;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    refuseScheme(url);
    const exchange = openExchange(
      {
        method: "GET",
        url,
        headers: [],
        body: "none",
        timeouts: { connectMs: timeoutMs, firstByteMs: timeoutMs, betweenBytesMs: timeoutMs },
      },
      options,
      clock,
    );
    try {
      const { status, headers } = await exchange.response();
      const location = headers.find(([name]) => name === "location")?.[1];
      if (status >= 300 && status < 400 && location !== undefined) {
        url = new URL(new TextDecoder().decode(location), url).href;
        continue;
      }
      if (status < 200 || status >= 300) {
        throw new WavsError("fetch_status", {
          message: `Failed to fetch data, status code: ${status}`,
          retryable: status >= 500 || status === 429,
          meta: { uri, status },
        });
      }
      return { bytes: await readAll(exchange, uri, maxBytes) };
    } finally {
      exchange.cancel();
    }
  }
  throw new WavsError("fetch_redirects", {
    message: `Cannot fetch "${uri}" because it redirects more than ${MAX_REDIRECTS} times`,
    retryable: false,
  });
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
