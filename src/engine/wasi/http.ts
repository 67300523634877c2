import type { HostImports } from "../component/types.ts";
import type { IoError } from "./error.ts";
import type { HttpBackend, HttpExchange, HttpRequest } from "./http_backend.ts";
import { type HttpErrorCode, httpErrorOf } from "./http_errors.ts";
import { Fields } from "./http_fields.ts";
import { FutureIncomingResponse, FutureTrailers, IncomingBody, IncomingResponse } from "./http_incoming.ts";
import { OutgoingBody, OutgoingRequest, RequestOptions } from "./http_outgoing.ts";
import { OutgoingResponse } from "./http_response.ts";
import { DEFAULT_HTTP_TIMEOUT_MS } from "./limits.ts";
import type { GuestScope } from "./scope.ts";

/**
 * `wasi:http` 0.2, outgoing only (spec/engine.md 2.3). Who may be asked is the backend's business. Incoming requests and
 * response outparams come from a server, so no guest ever holds one and their methods are not here.
 */
export function createHttp(backend: HttpBackend, scope: GuestScope): HostImports {
  // Constructors and statics of the guest's resources have no scope of their own: these carry this execution's.
  class GuestFields extends Fields {
    constructor() {
      super(scope);
    }

    static fromList(entries: readonly (readonly [string, Uint8Array])[]): Fields {
      const fields = new Fields(scope);
      for (const [name, value] of entries) fields.append(name, value);
      return fields;
    }
  }
  class GuestRequest extends OutgoingRequest {
    constructor(headers: Fields) {
      super(headers, scope);
    }
  }
  class GuestResponse extends OutgoingResponse {
    constructor(headers: Fields) {
      super(headers, scope);
    }
  }
  return {
    "wasi:http/outgoing-handler": {
      handle: (request: OutgoingRequest, options: RequestOptions | undefined) => {
        const { exchange, opened } = backend.open(toRequest(request, options));
        return new FutureIncomingResponse(exchange, send(request, exchange, opened), scope);
      },
    },
    "wasi:http/types": {
      Fields: GuestFields,
      OutgoingRequest: GuestRequest,
      OutgoingResponse: GuestResponse,
      OutgoingBody,
      RequestOptions,
      FutureIncomingResponse,
      IncomingResponse,
      IncomingBody,
      FutureTrailers,
      httpErrorCode: (error: IoError): HttpErrorCode | undefined => error.reason as HttpErrorCode | undefined,
    },
  };
}

/** Lets the guest's body flow once the request is on its way. */
async function send(request: OutgoingRequest, exchange: HttpExchange, opened: Promise<void>): Promise<void> {
  const body = request.bodyTaken;
  try {
    await opened;
    body?.attach(exchange);
  } catch (error) {
    body?.fail(httpErrorOf(error));
    throw error;
  }
}

function toRequest(request: OutgoingRequest, options: RequestOptions | undefined): HttpRequest {
  const scheme = request.scheme();
  const name = scheme === undefined || scheme.tag === "HTTPS" ? "https" : scheme.tag === "HTTP" ? "http" : scheme.val;
  const method = request.method();
  return {
    method: method.tag === "other" ? method.val ?? "" : method.tag.toUpperCase(),
    url: `${name}://${request.authority() ?? ""}${request.pathWithQuery() ?? "/"}`,
    headers: request.headers().list,
    body: request.bodyTaken === undefined ? "none" : "stream",
    timeouts: {
      connectMs: toMs(options?.connectTimeout()),
      firstByteMs: toMs(options?.firstByteTimeout()),
      betweenBytesMs: toMs(options?.betweenBytesTimeout()),
    },
  };
}

/** Nanoseconds to milliseconds, never longer than the default. */
function toMs(duration: bigint | undefined): number {
  if (duration === undefined) return DEFAULT_HTTP_TIMEOUT_MS;
  return Math.min(DEFAULT_HTTP_TIMEOUT_MS, Math.ceil(Number(duration) / 1_000_000));
}
