const VARY = "origin, access-control-request-method, access-control-request-headers";

/** Cross-origin rules of spec/wire.md 5.1; `undefined` when no origin is allowed at all. */
export interface Cors {
  /** The headers every response to this request carries. */
  headers(request: Request): Readonly<Record<string, string>>;
}

/** @param patterns whole `Origin` headers with `*` for any run and `?` for one character */
export function createCors(patterns: readonly string[]): Cors | undefined {
  if (patterns.length === 0) return undefined;
  return {
    headers: (request) => {
      const origin = request.headers.get("origin");
      const echo = origin !== null && patterns.some((pattern) => matchesWildcard(origin, pattern))
        ? { "access-control-allow-origin": origin }
        : {};
      // A wildcard does not cover `authorization` in browsers, so it is named (spec/wire.md 9.1.3).
      const preflight = request.method === "OPTIONS"
        ? { "access-control-allow-methods": "*", "access-control-allow-headers": "*, authorization" }
        : {};
      return { vary: VARY, ...echo, ...preflight };
    },
  };
}

/**
 * Whether all of `text` fits `pattern`: `*` is any run of characters, `?` is one, there are no escapes.
 *
 * In steps of at most the product of both lengths, whatever a client sends: a regular expression made from the pattern
 * would backtrack once per `*`.
 */
export function matchesWildcard(text: string, pattern: string): boolean {
  let [textAt, patternAt] = [0, 0];
  /** Where to go on when the run of the last `*` has to be longer. */
  let retry: { readonly patternAt: number; readonly textAt: number } | undefined;
  while (textAt < text.length) {
    const expected = pattern[patternAt];
    if (expected === "*") {
      retry = { patternAt: ++patternAt, textAt: textAt + 1 };
    } else if (expected === "?" || expected === text[textAt]) {
      [textAt, patternAt] = [textAt + 1, patternAt + 1];
    } else {
      if (retry === undefined) return false;
      ({ textAt, patternAt } = retry);
      retry = { patternAt, textAt: textAt + 1 };
    }
  }
  return /^\**$/.test(pattern.slice(patternAt));
}
