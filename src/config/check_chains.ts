import type { ChainConfig } from "@/domain/mod.ts";
import { redactUrl } from "./endpoint_url.ts";

const WEB_SOCKET = ["ws:", "wss:"];
const HTTP = ["http:", "https:"];

/** Says what is wrong with the endpoints of these chains (spec/wire.md 6.5), one sentence each, with the key's path. */
export function endpointProblems(
  chains: readonly ChainConfig[],
): readonly { readonly path: string; readonly reason: string }[] {
  return chains.flatMap((chain) => {
    const table = `chains.${chain.key.replace(":", ".")}`;
    return endpointsOf(chain).flatMap(({ key, url, protocols }) => {
      if (url === undefined || protocols.some((protocol) => hasProtocol(url, protocol))) return [];
      const expected = protocols.map((protocol) => `${protocol}//`).join(" or ");
      return [{ path: `${table}.${key}`, reason: `expected a URL with ${expected}, found "${redactUrl(url).text}"` }];
    });
  });
}

interface Endpoint {
  readonly key: string;
  readonly url: string | undefined;
  readonly protocols: readonly string[];
}

function endpointsOf(chain: ChainConfig): readonly Endpoint[] {
  if (chain.kind === "evm") {
    return [
      ...chain.wsEndpoints.map((url) => ({ key: "ws_endpoints", url, protocols: WEB_SOCKET })),
      { key: "http_endpoint", url: chain.httpEndpoint, protocols: HTTP },
    ];
  }
  return [
    { key: "rpc_endpoint", url: chain.rpcEndpoint, protocols: HTTP },
    { key: "grpc_endpoint", url: chain.grpcEndpoint, protocols: HTTP },
  ];
}

function hasProtocol(url: string, protocol: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === protocol;
}
