import type { AllowedHosts } from "@/domain/mod.ts";

/**
 * Whether a component may send a request to `url`.
 *
 * An entry of `only` is a host, compared without regard to case: `api.example.com` (any port), `api.example.com:8443`
 * (that port), `*.example.com` (subdomains, not the domain itself), `[::1]`. The reference leaves the grammar open and
 * enforces nothing (spec/engine.md 2.2).
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

function matches(entry: string, url: URL): boolean {
  const { host, port } = splitPort(entry.trim().toLowerCase());
  if (port !== undefined && port !== effectivePort(url)) return false;
  const actual = url.hostname.toLowerCase();
  if (host.startsWith("*.")) return actual.endsWith(host.slice(1)) && actual.length > host.length - 1;
  return actual === host;
}

function splitPort(entry: string): { readonly host: string; readonly port: string | undefined } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry);
  return match === null ? { host: entry, port: undefined } : { host: match[1] ?? "", port: match[2] };
}

function effectivePort(url: URL): string {
  return url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80";
}
