import type { AllowedHosts } from "@/domain/mod.ts";

/**
 * Whether a component may send a request to `url`.
 *
 * An entry of `only` is a host, compared without regard to case: `api.example.com` (any port), `api.example.com:8443`
 * (that port), `*.example.com` (subdomains, not the domain itself), `[::1]`. What is no such entry allows nothing. The
 * reference leaves the grammar open and enforces nothing (spec/engine.md 2.2).
 */
export function isHostAllowed(allowed: AllowedHosts, url: URL): boolean {
  switch (allowed.kind) {
    case "all":
      return true;
    case "none":
      return false;
    case "only":
      return allowed.hosts.some((entry) => matches(entry, url));
  }
}

/** A host without anything that would make a URL parser look elsewhere for it, then perhaps a port. */
const ENTRY = /^(?<wildcard>\*\.)?(?<host>\[[0-9a-f:.]+\]|[^\s:/?#@\\[\]*]+)(?::(?<port>\d{1,5}))?$/i;

function matches(entry: string, url: URL): boolean {
  const { wildcard, host, port } = ENTRY.exec(entry.trim())?.groups ?? {};
  if (host === undefined) return false;
  // The parser that made `url` spells the host as it spelt the other: case, Unicode names, zeros of addresses.
  const expected = URL.parse(`http://${host}/`)?.hostname;
  if (expected === undefined) return false;
  if (port !== undefined && Number(port) !== effectivePort(url)) return false;
  return wildcard === undefined ? url.hostname === expected : url.hostname.endsWith(`.${expected}`);
}

function effectivePort(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}
