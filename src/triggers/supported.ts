import type { ChainConfig } from "@/domain/chain_config.ts";
import { describeError } from "@/domain/errors.ts";
import { type ChainKey, chainNamespace } from "@/domain/ids.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import type { Trigger } from "@/domain/trigger.ts";
import { checkBlockInterval } from "./block_interval/heights.ts";
import { parseCronSchedule } from "./cron/schedule.ts";
import { parseFeedKey } from "./hypercore/feed_key.ts";

/** Why this node cannot watch a trigger, fit to follow "because"; `undefined` when it can. */
export function unsupportedTrigger(trigger: Trigger): string | undefined {
  switch (trigger.kind) {
    case "evm_contract_event":
    case "at_proto_event":
    case "manual":
      return undefined;
    case "cron":
      return reasonAgainst(() => parseCronSchedule(trigger));
    case "block_interval":
      return chainNamespace(trigger.chain) === "cosmos"
        ? "this node does not follow Cosmos chains"
        : reasonAgainst(() => checkBlockInterval(trigger));
    case "hypercore_append":
      return reasonAgainst(() => parseFeedKey(trigger.feedKey));
    case "cosmos_contract_event":
      return `this node does not watch "${trigger.kind}" triggers`;
  }
}

/** What is wrong with a trigger, in words that follow "because". */
function reasonAgainst(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return `its trigger is no use: ${describeError(error)}`;
  }
}

/** Whether anything waits for this kind of trigger. */
export function watches({ services }: RegistrySnapshot, kind: Trigger["kind"]): boolean {
  return services.some(({ workflows }) => workflows.some(({ trigger }) => trigger.kind === kind));
}

/** The chains a registry has something to watch on: contract events, heights, or a manager's announcements. */
export function watchedChains({ services }: RegistrySnapshot): ReadonlySet<ChainKey> {
  return new Set(services.flatMap(({ manager, workflows }) => [
    manager.chain,
    ...workflows.flatMap(({ trigger }) =>
      trigger.kind === "evm_contract_event" || trigger.kind === "block_interval" ? [trigger.chain] : []
    ),
  ]));
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "ws:": "80", "https:": "443", "wss:": "443" };

/** Every `host:port` that triggers come from, which is all the triggers worker may connect to. */
export function netPermissionsOf(
  chains: readonly ChainConfig[],
  jetstreamEndpoints: readonly string[],
): readonly string[] {
  const ofChains = chains.flatMap((chain) =>
    chain.kind === "evm"
      ? [...chain.wsEndpoints, ...(chain.httpEndpoint === undefined ? [] : [chain.httpEndpoint])]
      : []
  );
  return [...new Set([...ofChains, ...jetstreamEndpoints].flatMap(hostAndPort))].sort();
}

/** Nothing for a URL that cannot be connected to anyway; its source says so. */
function hostAndPort(url: string): string[] {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === "") return [];
  const port = parsed.port === "" ? DEFAULT_PORTS[parsed.protocol] : parsed.port;
  return port === undefined ? [] : [`${parsed.hostname}:${port}`];
}
