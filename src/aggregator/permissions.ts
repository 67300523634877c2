import type { ChainConfig } from "@/domain/mod.ts";

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443" };

/** Network access to the endpoints of the configured chains and to nothing else. */
export function chainPermissions(chains: readonly ChainConfig[]): Deno.PermissionOptionsObject {
  const hosts = new Set(chains.flatMap(endpointsOf).flatMap(hostOf));
  return {
    net: hosts.size === 0 ? false : [...hosts],
    env: false,
    ffi: false,
    import: false,
    read: false,
    run: false,
    sys: false,
    write: false,
  };
}

function endpointsOf(chain: ChainConfig): readonly string[] {
  switch (chain.kind) {
    case "evm":
      return [...chain.wsEndpoints, ...(chain.httpEndpoint === undefined ? [] : [chain.httpEndpoint])];
    case "cosmos":
      return [chain.rpcEndpoint, chain.grpcEndpoint].filter((url) => url !== undefined);
  }
}

/** What is no URL gets no permission; using it fails with a message of its own. */
function hostOf(url: string): string[] {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === "") return [];
  const port = parsed.port === "" ? DEFAULT_PORTS[parsed.protocol] : parsed.port;
  return [port === undefined ? parsed.hostname : `${parsed.hostname}:${port}`];
}
