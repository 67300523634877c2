import { jsonMap, jsonObject, type JsonValue, printJson } from "@/domain/mod.ts";
import type { PeerNetworkStatus } from "@/p2p/types.ts";
import { jsonResponse, type Route } from "./route.ts";

/** The shape of spec/wire.md 5.3. @param status unset when this node speaks to no other operators */
function p2pStatusJson(status: PeerNetworkStatus | undefined): string {
  const topics = [...status?.topics ?? []];
  return printJson(jsonObject({
    enabled: status !== undefined,
    local_peer_id: status?.localPeerId ?? null,
    listen_addresses: status?.listenAddresses ?? [],
    external_addresses: status?.externalAddresses ?? [],
    connected_peers: BigInt(status?.peers.length ?? 0),
    peer_ids: status?.peers ?? [],
    subscribed_topics: topics.map(([topic]) => topic),
    topic_peer_counts: jsonMap(topics.map(([topic, peers]): [string, JsonValue] => [topic, BigInt(peers)])),
  }));
}

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
  {
    method: "GET",
    path: "/p2p/status",
    handle: async (_call, modules) => jsonResponse(p2pStatusJson(await modules.peers())),
  },
];
