import type { ChainConfig, EvmChainConfig } from "@/domain/mod.ts";
import { redactUrl } from "./endpoint_url.ts";

const WEB_SOCKET = ["ws:", "wss:"];
const HTTP = ["http:", "https:"];

export interface ChainProblem {
  /** The key in the file. */
  readonly path: string;
  readonly reason: string;
}

/** Says what is wrong with the endpoints of these chains (spec/wire.md 6.5), one sentence each. */
export function endpointProblems(chains: readonly ChainConfig[]): readonly ChainProblem[] {
  return chains.flatMap((chain) => {
    const table = `chains.${chain.key.replace(":", ".")}`;
    const quorum = chain.kind === "evm" ? quorumProblems(chain, table) : [];
    const endpoints = endpointsOf(chain).flatMap(({ key, url, protocols }) => {
      if (url === undefined || protocols.some((protocol) => hasProtocol(url, protocol))) return [];
      const expected = protocols.map((protocol) => `${protocol}//`).join(" or ");
      return [{ path: `${table}.${key}`, reason: `expected a URL with ${expected}, found "${redactUrl(url).text}"` }];
    });
    return [...endpoints, ...quorum];
  });
}

/** An endpoint agrees with itself, so there must be as many of them as have to agree. */
function quorumProblems({ wsEndpoints, httpEndpoint, reading }: EvmChainConfig, table: string): ChainProblem[] {
  const count = wsEndpoints.length + (httpEndpoint === undefined ? 0 : 1);
  if (reading.rpcQuorum <= Math.max(count, 1)) return [];
  return [{
    path: `${table}.rpc_quorum`,
    reason: `expected at most the ${count} endpoints there are, found "${reading.rpcQuorum}"`,
  }];
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
