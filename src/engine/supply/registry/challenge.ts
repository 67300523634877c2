export interface BearerChallenge {
  /** Where tokens are given. */
  readonly realm: string;
  readonly service: string | undefined;
}

const PARAMETER = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** Reads `WWW-Authenticate: Bearer realm="…",service="…"`; `undefined` for other schemes and without a realm. */
export function parseChallenge(header: string): BearerChallenge | undefined {
  const rest = /^\s*bearer\s+(.*)$/is.exec(header)?.[1];
  if (rest === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, bare] of rest.matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "");
  }
  const realm = parameters.get("realm");
  return realm === undefined ? undefined : { realm, service: parameters.get("service") };
}
