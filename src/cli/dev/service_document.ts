import { type ComponentDigest, parseService, type Service } from "@/domain/mod.ts";
import type { DeployedContracts } from "./deploy.ts";

/** A component of a service as its author writes it down; what is left out is not granted. */
export interface ComponentDraft {
  readonly source: { readonly digest: string } | {
    readonly download: { readonly uri: string; readonly digest: string };
  };
  readonly config?: Readonly<Record<string, string>>;
  readonly hosts?: "all" | "none" | { readonly only: readonly string[] };
}

/** A trigger as documents have it, for example `{ cron: { schedule: "0 * * * * *" } }` (spec/wire.md 2.3). */
export type TriggerDraft = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

export interface WorkflowDraft {
  /** The contract whose `NewTrigger` events fire it, or another trigger. */
  readonly trigger: "manual" | { readonly chain: string; readonly contract: string } | TriggerDraft;
  readonly component: ComponentDraft;
  /** The aggregator component; `"none"` when the execution itself is the point. */
  readonly submit: "none" | ComponentDraft;
}

export interface ServiceDraft {
  readonly name: string;
  readonly manager: { readonly chain: string; readonly address: string };
  readonly status?: "active" | "paused";
  readonly workflows: Readonly<Record<string, WorkflowDraft>>;
}

export interface DemoServiceOptions {
  readonly chain: string;
  readonly contracts: DeployedContracts;
  /** Of the operator component. */
  readonly operator: ComponentDigest;
  readonly aggregator: ComponentDigest;
}

/** Topic 0 of `NewTrigger(bytes)` (spec/wire.md 4.7). */
const NEW_TRIGGER = "0x86eacd23610d81706516de1ed0476c87772fdf939c7c771fbbd7f0230d619e68";

/** The longest an execution of a drafted component may take. */
const TIME_LIMIT_SECONDS = 10;

/** The service document a draft stands for (spec/wire.md 2). */
export function serviceOf({ name, manager, status = "active", workflows }: ServiceDraft): Service {
  return parseService(JSON.stringify({
    name,
    workflows: Object.fromEntries(Object.entries(workflows).map(([id, workflow]) => [id, workflowJson(workflow)])),
    status,
    manager: { evm: manager },
  }));
}

/** The demo's service: a trigger contract's event → a component → `simple-aggregator` → the handler contract. */
export function demoService({ chain, contracts, operator, aggregator }: DemoServiceOptions): Service {
  return serviceOf({
    name: "demo",
    manager: { chain, address: contracts.manager },
    workflows: {
      default: {
        trigger: { chain, contract: contracts.trigger },
        component: { source: { digest: operator } },
        submit: simpleAggregator(aggregator, { chain, handler: contracts.submit }),
      },
    },
  });
}

/** `simple-aggregator`, told where to submit. It may look up a gas price, so it is granted HTTP. */
export function simpleAggregator(
  digest: ComponentDigest,
  { chain, handler }: { readonly chain: string; readonly handler: string },
): ComponentDraft {
  return { source: { digest }, config: { chain, service_handler: handler }, hosts: "all" };
}

function workflowJson({ trigger, component, submit }: WorkflowDraft) {
  return {
    trigger: trigger !== "manual" && typeof trigger["contract"] === "string"
      ? { evm_contract_event: { address: trigger["contract"], chain: trigger["chain"], event_hash: NEW_TRIGGER } }
      : trigger,
    component: componentJson(component),
    submit: submit === "none" ? submit : {
      aggregator: {
        component: componentJson(submit),
        signature_kind: { algorithm: "secp256k1", prefix: "eip191" },
      },
    },
  };
}

function componentJson({ source, config = {}, hosts = "none" }: ComponentDraft) {
  return {
    source,
    permissions: { allowed_http_hosts: hosts, file_system: false, raw_sockets: false, dns_resolution: false },
    fuel_limit: null,
    time_limit_seconds: TIME_LIMIT_SECONDS,
    config,
    env_keys: [],
  };
}
