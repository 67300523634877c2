import { jsonMap, jsonObject, type JsonValue, printJson } from "@/domain/mod.ts";
import { jsonResponse, type Route } from "./route.ts";

/** There is no gossip in this node yet, and it says so (spec/wire.md 5.3). */
const P2P_DISABLED = printJson(jsonObject({
  enabled: false,
  local_peer_id: null,
  listen_addresses: [],
  external_addresses: [],
  connected_peers: 0n,
  peer_ids: [],
  subscribed_topics: [],
  topic_peer_counts: jsonMap([]),
}));

export const NODE_ROUTES: readonly Route[] = [
  { method: "GET", path: "/config", handle: (_call, modules) => jsonResponse(modules.configJson()) },
  {
    method: "GET",
    path: "/info",
    handle: (_call, { node }) => jsonResponse(printJson(jsonObject({ message: `${node.name} ${node.version}` }))),
  },
  {
    method: "GET",
    path: "/health",
    handle: async (_call, modules) => {
      const { timestampSeconds, chains } = await modules.health();
      const entries = [...chains].map(([chain, error]): [string, JsonValue] => [
        chain,
        error === undefined ? "healthy" : jsonObject({ unhealthy: jsonObject({ error }) }),
      ]);
      return jsonResponse(printJson(jsonObject({ timestamp: BigInt(timestampSeconds), chains: jsonMap(entries) })));
    },
  },
  {
    method: "GET",
    path: "/metrics",
    handle: async (_call, modules) => {
      const { text, contentType } = await modules.metrics();
      return new Response(text, { headers: { "content-type": contentType } });
    },
  },
  { method: "GET", path: "/p2p/status", handle: () => jsonResponse(P2P_DISABLED) },
];
