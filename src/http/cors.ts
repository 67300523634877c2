const VARY = "origin, access-control-request-method, access-control-request-headers";

/** Cross-origin rules of spec/wire.md 5.1; `undefined` when no origin is allowed at all. */
export interface Cors {
  /** The headers every response to this request carries. */
  headers(request: Request): Readonly<Record<string, string>>;
}

/** @param patterns whole `Origin` headers with `*` for any run and `?` for one character */
export function createCors(patterns: readonly string[]): Cors | undefined {
  if (patterns.length === 0) return undefined;
  const allowed = patterns.map(toRegExp);
  return {
    headers: (request) => {
      const origin = request.headers.get("origin");
      const echo = origin !== null && allowed.some((pattern) => pattern.test(origin))
        ? { "access-control-allow-origin": origin }
        : {};
      // A wildcard does not cover `authorization` in browsers, so it is named.
      const preflight = request.method === "OPTIONS"
        ? { "access-control-allow-methods": "*", "access-control-allow-headers": "*, authorization" }
        : {};
      return { vary: VARY, ...echo, ...preflight };
    },
  };
}

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s");
}
