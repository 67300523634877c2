import {
  type AllowedHosts,
  type Component,
  type ComponentSource,
  type CosmosAddress,
  cosmosAddressPrefix,
  type EvmAddress,
  evmAddressBytes,
  hexToBytes,
  type Service,
  type ServiceManager,
  type SignatureKind,
  type Submit,
  type TimestampNs,
  type Trigger,
  utf8Bytes,
  type Workflow,
} from "@/domain/mod.ts";
import type { WitCosmosAddress, WitEvmAddress, WitVariant } from "./wit_values.ts";

/** The service as guests see it; maps become lists in ascending order of their keys (spec/engine.md 1.5). */
export function serviceToWit(service: Service): unknown {
  return {
    name: service.name,
    workflows: [...service.workflows].map(([id, workflow]) => [id, workflowToWit(workflow)]),
    status: { tag: service.status },
    manager: managerToWit(service.manager),
  };
}

export function workflowToWit({ trigger, component, submit }: Workflow): unknown {
  return { trigger: triggerToWit(trigger), component: componentToWit(component), submit: submitToWit(submit) };
}

export function evmAddressToWit(address: EvmAddress): WitEvmAddress {
  return { rawBytes: evmAddressBytes(address) };
}

export function cosmosAddressToWit(address: CosmosAddress): WitCosmosAddress {
  return { bech32Addr: address, prefixLen: utf8Bytes(cosmosAddressPrefix(address)).length };
}

export function triggerToWit(trigger: Trigger): WitVariant {
  switch (trigger.kind) {
    case "evm_contract_event": {
      const { address, chain, eventHash } = trigger;
      return variant("evm-contract-event", {
        address: evmAddressToWit(address),
        chain,
        eventHash: hexToBytes(eventHash),
      });
    }
    case "cosmos_contract_event": {
      const { address, chain, eventType } = trigger;
      return variant("cosmos-contract-event", { address: cosmosAddressToWit(address), chain, eventType });
    }
    case "block_interval": {
      const { chain, nBlocks, startBlock, endBlock } = trigger;
      return variant("block-interval", { chain, nBlocks, startBlock, endBlock });
    }
    case "cron": {
      const { schedule, startTime, endTime } = trigger;
      return variant("cron", { schedule, startTime: timestampToWit(startTime), endTime: timestampToWit(endTime) });
    }
    case "at_proto_event": {
      const { collection, repoDid, action } = trigger;
      return variant("atproto-event", { collection, repoDid, action });
    }
    case "hypercore_append":
      return variant("hypercore-append", { feedKey: trigger.feedKey });
    case "manual":
      return { tag: "manual" };
  }
}

function managerToWit(manager: ServiceManager): WitVariant {
  switch (manager.kind) {
    case "evm":
      return variant("evm", { chain: manager.chain, address: evmAddressToWit(manager.address) });
    case "cosmos":
      return variant("cosmos", { chain: manager.chain, address: cosmosAddressToWit(manager.address) });
  }
}

function componentToWit(component: Component): unknown {
  const { permissions } = component;
  return {
    source: sourceToWit(component.source),
    permissions: {
      allowedHttpHosts: allowedHostsToWit(permissions.allowedHttpHosts),
      fileSystem: permissions.fileSystem,
      rawSockets: permissions.rawSockets,
      dnsResolution: permissions.dnsResolution,
    },
    fuelLimit: component.fuelLimit,
    timeLimitSeconds: component.timeLimitSeconds,
    config: [...component.config],
    envKeys: component.envKeys,
  };
}

function sourceToWit(source: ComponentSource): WitVariant {
  switch (source.kind) {
    case "download":
      return variant("download", { uri: source.uri, digest: source.digest });
    case "registry": {
      const { digest, domain, version, package: pkg } = source;
      return variant("registry", { digest, domain, version, pkg });
    }
    case "digest":
      return variant("digest", source.digest);
  }
}

function allowedHostsToWit(allowed: AllowedHosts): WitVariant {
  return allowed.kind === "only" ? variant("only", allowed.hosts) : { tag: allowed.kind };
}

function submitToWit(submit: Submit): WitVariant {
  if (submit.kind === "none") return { tag: "none" };
  return variant("aggregator", {
    component: componentToWit(submit.component),
    signatureKind: signatureKindToWit(submit.signatureKind),
  });
}

function signatureKindToWit({ algorithm, prefix }: SignatureKind): unknown {
  return { algorithm: { tag: algorithm }, prefix: prefix === undefined ? undefined : { tag: prefix } };
}

function timestampToWit(nanos: TimestampNs | undefined): { readonly nanos: bigint } | undefined {
  return nanos === undefined ? undefined : { nanos };
}

function variant<Tag extends string>(tag: Tag, val: unknown): WitVariant<Tag> {
  return { tag, val };
}
