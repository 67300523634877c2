import { type ComponentDigest, parseService, type Service } from "@/domain/mod.ts";
import type { DeployedContracts } from "./deploy.ts";

export interface DemoServiceOptions {
  readonly chain: string;
  readonly contracts: DeployedContracts;
  readonly square: ComponentDigest;
  readonly aggregator: ComponentDigest;
}

/** Topic 0 of `NewTrigger(bytes)` (spec/wire.md 4.7). */
const NEW_TRIGGER = "0x86eacd23610d81706516de1ed0476c87772fdf939c7c771fbbd7f0230d619e68";

/** The demo's service: a trigger contract's event → `square` → `simple-aggregator` → the handler contract. */
export function demoService(options: DemoServiceOptions): Service {
  const { chain, contracts } = options;
  const component = (digest: ComponentDigest, config: Record<string, string>, hosts: "all" | "none") => ({
    source: { digest },
    permissions: { allowed_http_hosts: hosts, file_system: false, raw_sockets: false, dns_resolution: false },
    fuel_limit: null,
    time_limit_seconds: 10,
    config,
    env_keys: [],
  });
  return parseService(JSON.stringify({
    name: "square",
    workflows: {
      default: {
        trigger: { evm_contract_event: { address: contracts.trigger, chain, event_hash: NEW_TRIGGER } },
        component: component(options.square, {}, "none"),
        submit: {
          aggregator: {
            component: component(options.aggregator, { chain, service_handler: contracts.submit }, "all"),
            signature_kind: { algorithm: "secp256k1", prefix: "eip191" },
          },
        },
      },
    },
    status: "active",
    manager: { evm: { chain, address: contracts.manager } },
  }));
}
