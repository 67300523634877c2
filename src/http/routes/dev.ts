import {
  decode,
  decodeChainConfigFor,
  decodeService,
  decodeTrigger,
  decodeTriggerData,
  encodeService,
  encodeWasmResponse,
  jsonMap,
  jsonObject,
  type JsonValue,
  parseChainKey,
  parseServiceDigest,
  parseServiceId,
  parseWorkflowId,
  printJson,
  WavsError,
} from "@/domain/mod.ts";
import { ROOT_PATH } from "@/domain/json/path.ts";
import type { StreamInfo } from "@/triggers/types.ts";
import { MAX_RESULT_PAYLOAD_BYTES } from "../limits.ts";
import type { ManualTriggerResult } from "../types.ts";
import { empty, jsonResponse, noContent, type Route } from "./route.ts";

const decodeTriggerBody = decode.object({
  service_id: decode.parsed(parseServiceId),
  workflow_id: decode.parsed(parseWorkflowId),
  trigger: decodeTrigger,
  data: decodeTriggerData,
  count: decode.withDefault(decode.u32, 1),
  wait_for_completion: decode.bool,
});

const decodeChainBody = decode.object({ chain: decode.parsed(parseChainKey), config: decode.json });

/** The reference answers nothing here; what its clients do not read they do not miss (spec/wire.md 5.3). */
function resultsJson(results: readonly ManualTriggerResult[]): JsonValue {
  let room = MAX_RESULT_PAYLOAD_BYTES;
  return jsonObject({
    results: results.map(({ state, reason, responses }) =>
      jsonObject({
        state,
        reason,
        responses: responses.map(({ eventId, response }) => {
          room -= response.payload.length;
          return jsonObject({
            event_id: eventId,
            operator_response: room < 0 ? undefined : encodeWasmResponse(response),
          });
        }),
      })
    ),
  });
}

/** Values are looked up by the exact path, so other spellings of an id find nothing (spec/wire.md 5.3). */
const CANONICAL_SERVICE_ID = /^[0-9a-f]{64}$/;

/** Routes that exist only when `dev_endpoints_enabled` is set. */
export const DEV_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/dev/services/:hash",
    handle: ({ params }, { services }) => {
      const service = services.saved(parseServiceDigest(params.hash ?? ""));
      if (service !== undefined) return jsonResponse(printJson(encodeService(service)));
      throw new WavsError("service_hash_unknown", {
        message: `No service was saved under the hash "${params.hash}"`,
        retryable: false,
      });
    },
  },
  {
    method: "POST",
    path: "/dev/services",
    handle: async ({ body }, { services }) => {
      const service = await body.json(decodeService);
      return jsonResponse(printJson(jsonObject({ hash: services.save(service) })));
    },
  },
  {
    method: "POST",
    path: "/dev/services/:hash",
    handle: async ({ params }, { services }) => {
      await services.addSaved(parseServiceDigest(params.hash ?? ""));
      return noContent();
    },
  },
  {
    method: "POST",
    path: "/dev/components",
    handle: async ({ body }, modules) => {
      const digest = await modules.upload(await body.bytes());
      return jsonResponse(printJson(jsonObject({ digest })));
    },
  },
  {
    method: "POST",
    path: "/dev/triggers",
    handle: async ({ body }, modules) => {
      const { service_id: serviceId, workflow_id: workflowId, wait_for_completion: wait, ...rest } = await body.json(
        decodeTriggerBody,
      );
      const results = await modules.fire({ serviceId, workflowId, ...rest }, wait);
      return results === undefined ? empty() : jsonResponse(printJson(resultsJson(results)));
    },
  },
  {
    method: "POST",
    path: "/dev/chains",
    handle: async ({ body }, { services }) => {
      const config = await body.json((value, path = ROOT_PATH) => {
        const { chain, config } = decodeChainBody(value, path);
        return decodeChainConfigFor(chain)(config, { parent: path, key: "config" });
      });
      await services.addChain(config);
      return empty();
    },
  },
  {
    method: "GET",
    path: "/dev/trigger-streams",
    handle: async (_call, modules) => {
      const chains = (await modules.streams()).map((stream): [string, JsonValue] => [stream.chain, streamJson(stream)]);
      const feeds = (await modules.feeds()).map(({ feedKey, state }): [string, JsonValue] => [feedKey, state]);
      return jsonResponse(printJson(jsonObject({ chains: jsonMap(chains), hypercore: jsonMap(feeds) })));
    },
  },
  {
    method: "GET",
    path: "/dev/kv/:service/:bucket/:key",
    handle: ({ params }, modules) => {
      const { service = "", bucket = "", key = "" } = params;
      const value = CANONICAL_SERVICE_ID.test(service)
        ? modules.keyValue({ serviceId: parseServiceId(service), bucket, key })
        : undefined;
      if (value === undefined) return new Response(null, { status: 404 });
      return new Response(value.slice(), { headers: { "content-type": "application/octet-stream" } });
    },
  },
];

function streamJson(stream: StreamInfo): JsonValue {
  const subscriptions = stream.subscriptions.map((subscription): [string, JsonValue] => [
    subscription.id,
    subscription.kind === "newHeads"
      ? "NewHeads"
      : jsonObject({ Logs: jsonObject({ addresses: subscription.addresses, topics: subscription.topics }) }),
  ]);
  return jsonObject({
    current_endpoint: stream.currentEndpoint,
    is_connected: stream.isConnected,
    any_active_rpcs_in_flight: stream.rpcInFlight,
    active_subscriptions: jsonMap(subscriptions),
  });
}
