import { WavsError } from "@/domain/mod.ts";

/**
 * The origin of a registry's API: https, save on this machine, where nobody has a certificate (spec/wire.md 8.5).
 *
 * @param host `ghcr.io`, `localhost:5000`; it may come from a service document or from metadata, so it is nothing to trust
 * @throws WavsError `registry_host_invalid`
 */
export function registryOrigin(host: string): string {
  const url = URL.parse(`https://${host}`);
  // What is more than host and port, or is spelt in another way than it will be read, is not what it seems to be.
  if (url === null || url.host !== host.toLowerCase() || url.pathname !== "/" || url.search + url.hash !== "") {
    throw new WavsError("registry_host_invalid", {
      message:
        `Cannot use the registry "${host}" because that is no host; give one such as "ghcr.io" or "localhost:5000"`,
      retryable: false,
      meta: { host },
    });
  }
  return `${isThisMachine(url.hostname) ? "http" : "https"}://${url.host}`;
}

function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}
