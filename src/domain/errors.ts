/** Plain data an error carries for logs and answers; it must survive `postMessage`. */
export type ErrorMeta = Readonly<Record<string, string | number | bigint | boolean | null>>;

export interface WavsErrorOptions {
  /** What could not be done and why: sentence case, values in double quotes, no full stop. */
  readonly message: string;
  /** Whether the same work may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly meta?: ErrorMeta;
  readonly cause?: unknown;
}

/** A {@link WavsError} as it crosses a worker boundary. */
export interface SerializedError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly meta: ErrorMeta;
  readonly cause?: SerializedError;
}

/**
 * The one error class of the node.
 *
 * `code` is stable and snake_case: callers branch on it, people search for it. Everything else explains.
 */
export class WavsError extends Error {
  override readonly name = "WavsError";
  readonly code: string;
  readonly retryable: boolean;
  readonly meta: ErrorMeta;

  constructor(code: string, options: WavsErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    this.meta = options.meta ?? {};
  }
}

/** How many causes are kept when an error is serialized; deeper chains are cut. */
const MAX_CAUSE_DEPTH = 4;

/** Turns anything thrown into plain data; what is no {@link WavsError} becomes code `unexpected`. */
export function serializeError(error: unknown, depth = 0): SerializedError {
  const cause = error instanceof Error && error.cause !== undefined && depth < MAX_CAUSE_DEPTH
    ? { cause: serializeError(error.cause, depth + 1) }
    : {};
  if (error instanceof WavsError) {
    return { code: error.code, message: error.message, retryable: error.retryable, meta: error.meta, ...cause };
  }
  return { code: "unexpected", message: describeError(error), retryable: false, meta: {}, ...cause };
}

/** The inverse of {@link serializeError}. */
export function deserializeError(data: SerializedError): WavsError {
  return new WavsError(data.code, {
    message: data.message,
    retryable: data.retryable,
    meta: data.meta,
    ...(data.cause === undefined ? {} : { cause: deserializeError(data.cause) }),
  });
}

/** The first line of whatever was thrown, for messages that quote a foreign error. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split("\n", 1)[0] ?? "";
}

/** Whether `error` is a {@link WavsError}, optionally with the given code. */
export function isWavsError(error: unknown, code?: string): error is WavsError {
  return error instanceof WavsError && (code === undefined || error.code === code);
}
