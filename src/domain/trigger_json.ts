import { parseBytes32, parseChainKey, parseServiceId, parseWorkflowId } from "./ids.ts";
import {
  type Decoder,
  jsonObject,
  type JsonValue,
  mapped,
  nonZeroU32,
  nonZeroU64,
  object,
  oneOf,
  optional,
  parsed,
  string,
  tagged,
  unit,
} from "./json/mod.ts";
import { decodeCosmosAddress, decodeEvmAddress, decodeTimestampNs } from "./scalar_json.ts";
import type { AtProtoAction, Trigger, TriggerConfig } from "./trigger.ts";

export const decodeAtProtoAction: Decoder<AtProtoAction> = oneOf("create", "update", "delete");

const decodeCosmosContractEvent: Decoder<Trigger> = mapped(
  object({ address: decodeCosmosAddress, chain: parsed(parseChainKey), event_type: string }),
  ({ address, chain, event_type }) => ({ kind: "cosmos_contract_event", address, chain, eventType: event_type }),
);

const decodeEvmContractEvent: Decoder<Trigger> = mapped(
  object({ address: decodeEvmAddress, chain: parsed(parseChainKey), event_hash: parsed(parseBytes32) }),
  ({ address, chain, event_hash }) => ({ kind: "evm_contract_event", address, chain, eventHash: event_hash }),
);

const decodeBlockInterval: Decoder<Trigger> = mapped(
  object({
    chain: parsed(parseChainKey),
    n_blocks: nonZeroU32,
    start_block: optional(nonZeroU64),
    end_block: optional(nonZeroU64),
  }),
  ({ chain, n_blocks, start_block, end_block }) => ({
    kind: "block_interval",
    chain,
    nBlocks: n_blocks,
    startBlock: start_block,
    endBlock: end_block,
  }),
);

const decodeCron: Decoder<Trigger> = mapped(
  object({ schedule: string, start_time: optional(decodeTimestampNs), end_time: optional(decodeTimestampNs) }),
  ({ schedule, start_time, end_time }) => ({ kind: "cron", schedule, startTime: start_time, endTime: end_time }),
);

const decodeAtProtoEvent: Decoder<Trigger> = mapped(
  object({ collection: string, repo_did: optional(string), action: optional(decodeAtProtoAction) }),
  ({ collection, repo_did, action }) => ({ kind: "at_proto_event", collection, repoDid: repo_did, action }),
);

const decodeHypercoreAppend: Decoder<Trigger> = mapped(
  object({ feed_key: string }),
  ({ feed_key }) => ({ kind: "hypercore_append", feedKey: feed_key }),
);

/** Reads a trigger (spec/wire.md 2.3). A cron schedule is not checked here: parsing a service never does. */
export const decodeTrigger: Decoder<Trigger> = tagged<Trigger>({
  cosmos_contract_event: decodeCosmosContractEvent,
  evm_contract_event: decodeEvmContractEvent,
  block_interval: decodeBlockInterval,
  cron: decodeCron,
  at_proto_event: decodeAtProtoEvent,
  hypercore_append: decodeHypercoreAppend,
  manual: unit({ kind: "manual" }),
});

export function encodeTrigger(trigger: Trigger): JsonValue {
  return trigger.kind === "manual" ? "manual" : jsonObject({ [trigger.kind]: encodeTriggerFields(trigger) });
}

function encodeTriggerFields(trigger: Exclude<Trigger, { kind: "manual" }>): JsonValue {
  switch (trigger.kind) {
    case "cosmos_contract_event":
      return jsonObject({ address: trigger.address, chain: trigger.chain, event_type: trigger.eventType });
    case "evm_contract_event":
      return jsonObject({ address: trigger.address, chain: trigger.chain, event_hash: trigger.eventHash });
    case "block_interval":
      return jsonObject({
        chain: trigger.chain,
        n_blocks: BigInt(trigger.nBlocks),
        start_block: trigger.startBlock,
        end_block: trigger.endBlock,
      });
    case "cron":
      return jsonObject({ schedule: trigger.schedule, start_time: trigger.startTime, end_time: trigger.endTime });
    case "at_proto_event":
      return jsonObject({ collection: trigger.collection, repo_did: trigger.repoDid, action: trigger.action });
    case "hypercore_append":
      return jsonObject({ feed_key: trigger.feedKey });
  }
}

/** Reads which workflow of which service a trigger belongs to (spec/wire.md 2.6). */
export const decodeTriggerConfig: Decoder<TriggerConfig> = mapped(
  object({ service_id: parsed(parseServiceId), workflow_id: parsed(parseWorkflowId), trigger: decodeTrigger }),
  ({ service_id, workflow_id, trigger }) => ({ serviceId: service_id, workflowId: workflow_id, trigger }),
);

export function encodeTriggerConfig(config: TriggerConfig): JsonValue {
  return jsonObject({
    service_id: config.serviceId,
    workflow_id: config.workflowId,
    trigger: encodeTrigger(config.trigger),
  });
}
