import {
  decode,
  decodeServiceManager,
  encodeService,
  encodeSignerResponse,
  jsonObject,
  parseChainKey,
  parseCosmosAddress,
  parseEvmAddress,
  printJson,
  serviceIdOf,
  type ServiceManager,
  WavsError,
} from "@/domain/mod.ts";
import type { HttpModules } from "../types.ts";
import { jsonResponse, noContent, type Route } from "./route.ts";

const decodeManagerBody = decode.object({ service_manager: decodeServiceManager });
const decodeManagersBody = decode.object({ service_managers: decode.array(decodeServiceManager) });

export const SERVICE_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/services",
    handle: async (_call, { services }) => {
      const registered = services.list();
      return jsonResponse(printJson(jsonObject({
        services: registered.map(({ service }) => encodeService(service)),
        service_ids: registered.map(({ serviceId }) => serviceId),
        component_digests: [...await services.componentDigests()],
      })));
    },
  },
  {
    method: "GET",
    path: "/services/:chain/:address",
    handle: ({ params }, { services }) => {
      const serviceId = serviceIdOf(managerOf(services, params));
      const registered = services.get(serviceId);
      if (registered !== undefined) return jsonResponse(printJson(encodeService(registered.service)));
      throw new WavsError("service_unknown", {
        message: `Service ID ${serviceId} has not been set on the http server`,
        retryable: false,
      });
    },
  },
  {
    method: "POST",
    path: "/services",
    handle: async ({ body }, { services }) => {
      const { service_manager } = await body.json(decodeManagerBody);
      await services.add(service_manager);
      return noContent();
    },
  },
  {
    method: "DELETE",
    path: "/services",
    handle: async ({ body }, { services }) => {
      const { service_managers } = await body.json(decodeManagersBody);
      await services.remove(service_managers);
      return noContent();
    },
  },
  {
    method: "POST",
    path: "/services/signer",
    handle: async ({ body }, { services }) => {
      const { service_manager } = await body.json(decodeManagerBody);
      const signer = await services.signer(serviceIdOf(service_manager));
      return jsonResponse(printJson(encodeSignerResponse(signer)));
    },
  },
];

/** The chain's own configuration decides how its addresses are written (spec/wire.md 5.3). */
function managerOf(
  services: HttpModules["services"],
  { chain: chainText = "", address = "" }: Readonly<Record<string, string>>,
): ServiceManager {
  const chain = parseChainKey(chainText);
  const config = services.chain(chain);
  switch (config?.kind) {
    case "evm":
      return { kind: "evm", chain, address: parseEvmAddress(address) };
    case "cosmos":
      return { kind: "cosmos", chain, address: parseCosmosAddress(address) };
    case undefined:
      throw new WavsError("chain_unknown", { message: `missing chain config for ${chain}`, retryable: false });
  }
}
