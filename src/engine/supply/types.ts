/** One request of a fetch. */
export interface GetRequest {
  /** Absolute, `http:` or `https:`. */
  readonly url: string;
  /** Names in lower case. `authorization` is not sent on when a redirect leads to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer whose body is still to come. */
export interface GetAnswer {
  readonly status: number;
  /** Where the answer came from in the end: redirects are followed. */
  readonly url: string;
  /** The first header of that name, in lower case. */
  header(name: string): string | undefined;
  /** The body as it arrives, once. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Sends a GET under the egress worker's address policy, within the deadline of the fetch it belongs to.
 *
 * @throws WavsError `http_error`, `uri_unsupported`, `fetch_redirects`
 */
export type Get = (request: GetRequest) => Promise<GetAnswer>;

/** What every fetch is limited by. */
export interface FetchLimits {
  readonly maxBytes: number;
  /** For the whole fetch: redirects, tokens, manifests and body together. */
  readonly timeoutMs: number;
}

export interface FetchRequest extends FetchLimits {
  /** `http`, `https` or `ipfs` (spec/wire.md 8.1). */
  readonly uri: string;
}

/** A component in a registry (spec/wire.md 2.2, 8.5). */
export interface PackageRequest extends FetchLimits {
  /** Unset means `wa.dev`. */
  readonly domain: string | undefined;
  /** `namespace:name` */
  readonly package: string;
  /** Unset means the highest there is. */
  readonly version: string | undefined;
  /** SHA-256 of the component, 64 hexadecimal digits. */
  readonly digest: string;
}

/** What was fetched, whole. */
export interface Fetched {
  readonly bytes: Uint8Array;
}
