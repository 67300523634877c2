/** A header as it crosses: name in lower case, value as bytes. */
export type HeaderEntry = readonly [name: string, value: Uint8Array];

export interface HttpRequest {
  readonly method: string;
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  readonly headers: readonly HeaderEntry[];
  /** `none` when the guest never took the body; else it is streamed. */
  readonly body: "none" | "stream";
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number; readonly betweenBytesMs: number };
}

export interface HttpResponseHead {
  readonly status: number;
  readonly headers: readonly HeaderEntry[];
}

/**
 * One request under way. Every failure is a WavsError `http_error` whose `meta.code` is the name of a `wasi:http`
 * error-code.
 */
export interface HttpExchange {
  /** Resolves when the chunk was taken over by the connection. */
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  response(): Promise<HttpResponseHead>;
  /** The next bytes of the response's body; `undefined` at its end. */
  read(maxBytes: number): Promise<Uint8Array | undefined>;
  /** Whether nothing is left to read, as far as is known without another {@link read}. */
  readonly isAtEnd: boolean;
  cancel(): void;
}

/** Who sends requests: another isolate, where the host policy lives. */
export interface HttpBackend {
  /** The exchange can be cancelled from the first moment on; `opened` fails when the request may not be made. */
  open(request: HttpRequest): { readonly exchange: HttpExchange; readonly opened: Promise<void> };
}
