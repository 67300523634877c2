import { parseChainKey } from "./ids.ts";
import {
  array,
  byteArray,
  canonicalJson,
  type Decoder,
  i64,
  json,
  jsonObject,
  type JsonValue,
  mapped,
  object,
  optional,
  parsed,
  string,
  tagged,
  u32,
  u64,
} from "./json/mod.ts";
import { bytesToHex } from "./hex.ts";
import {
  decodeBytes32,
  decodeCosmosAddress,
  decodeEvmAddress,
  decodeEvmBytes,
  decodeTimestampNs,
  encodeByteArray,
} from "./scalar_json.ts";
import type { CosmosEvent, TriggerAction, TriggerData } from "./trigger.ts";
import { decodeAtProtoAction, decodeTriggerConfig, encodeTriggerConfig } from "./trigger_json.ts";

const decodeCosmosEvent: Decoder<CosmosEvent> = object({
  type: string,
  attributes: array(object({ key: string, value: string })),
});

const decodeCosmosContractEvent: Decoder<TriggerData> = mapped(
  object({
    contract_address: decodeCosmosAddress,
    chain: parsed(parseChainKey),
    event: decodeCosmosEvent,
    block_height: u64,
    event_index: u64,
  }),
  ({ contract_address, chain, event, block_height, event_index }) => ({
    kind: "CosmosContractEvent",
    contractAddress: contract_address,
    chain,
    event,
    blockHeight: block_height,
    eventIndex: event_index,
  }),
);

const decodeEvmContractEvent: Decoder<TriggerData> = mapped(
  object({
    chain: parsed(parseChainKey),
    contract_address: decodeEvmAddress,
    log_data: object({ topics: array(decodeBytes32), data: decodeEvmBytes }),
    tx_hash: decodeBytes32,
    block_number: u64,
    log_index: u64,
    block_hash: decodeBytes32,
    block_timestamp: optional(u64),
    tx_index: u64,
  }),
  (fields) => ({
    kind: "EvmContractEvent",
    chain: fields.chain,
    contractAddress: fields.contract_address,
    logData: fields.log_data,
    txHash: fields.tx_hash,
    blockNumber: fields.block_number,
    logIndex: fields.log_index,
    blockHash: fields.block_hash,
    blockTimestamp: fields.block_timestamp,
    txIndex: fields.tx_index,
  }),
);

const decodeBlockInterval: Decoder<TriggerData> = mapped(
  object({ chain: parsed(parseChainKey), block_height: u64 }),
  ({ chain, block_height }) => ({ kind: "BlockInterval", chain, blockHeight: block_height }),
);

const decodeCron: Decoder<TriggerData> = mapped(
  object({ trigger_time: decodeTimestampNs }),
  ({ trigger_time }) => ({ kind: "Cron", triggerTime: trigger_time }),
);

const decodeAtProtoEvent: Decoder<TriggerData> = mapped(
  object({
    sequence: i64,
    timestamp: i64,
    repo: string,
    collection: string,
    rkey: string,
    action: decodeAtProtoAction,
    cid: optional(string),
    record: optional(mapped(json, canonicalJson)),
    rev: optional(string),
    op_index: optional(u32),
  }),
  ({ op_index, ...fields }) => ({ kind: "AtProtoEvent", ...fields, opIndex: op_index }),
);

const decodeHypercoreAppend: Decoder<TriggerData> = mapped(
  object({ feed_key: string, index: u64, data: byteArray }),
  ({ feed_key, index, data }) => ({ kind: "HypercoreAppend", feedKey: feed_key, index, data }),
);

/** Reads what happened; records come out in canonical key order (spec/wire.md 2.5, 0.3). */
export const decodeTriggerData: Decoder<TriggerData> = tagged<TriggerData>({
  CosmosContractEvent: decodeCosmosContractEvent,
  EvmContractEvent: decodeEvmContractEvent,
  BlockInterval: decodeBlockInterval,
  Cron: decodeCron,
  AtProtoEvent: decodeAtProtoEvent,
  HypercoreAppend: decodeHypercoreAppend,
  Raw: mapped(byteArray, (data) => ({ kind: "Raw", data })),
});

export function encodeTriggerData(data: TriggerData): JsonValue {
  return jsonObject({ [data.kind]: encodeTriggerDataFields(data) });
}

function encodeTriggerDataFields(data: TriggerData): JsonValue {
  switch (data.kind) {
    case "CosmosContractEvent":
      return jsonObject({
        contract_address: data.contractAddress,
        chain: data.chain,
        event: encodeCosmosEvent(data.event),
        block_height: data.blockHeight,
        event_index: data.eventIndex,
      });
    case "EvmContractEvent":
      return encodeEvmContractEvent(data);
    case "BlockInterval":
      return jsonObject({ chain: data.chain, block_height: data.blockHeight });
    case "Cron":
      return jsonObject({ trigger_time: data.triggerTime });
    case "AtProtoEvent":
      return encodeAtProtoEvent(data);
    case "HypercoreAppend":
      return jsonObject({ feed_key: data.feedKey, index: data.index, data: encodeByteArray(data.data) });
    case "Raw":
      return encodeByteArray(data.data);
  }
}

function encodeCosmosEvent(event: CosmosEvent): JsonValue {
  return jsonObject({
    type: event.type,
    attributes: event.attributes.map(({ key, value }) => jsonObject({ key, value })),
  });
}

function encodeEvmContractEvent(data: Extract<TriggerData, { kind: "EvmContractEvent" }>): JsonValue {
  return jsonObject({
    chain: data.chain,
    contract_address: data.contractAddress,
    log_data: jsonObject({ topics: data.logData.topics, data: bytesToHex(data.logData.data) }),
    tx_hash: data.txHash,
    block_number: data.blockNumber,
    log_index: data.logIndex,
    block_hash: data.blockHash,
    block_timestamp: data.blockTimestamp,
    tx_index: data.txIndex,
  });
}

function encodeAtProtoEvent(data: Extract<TriggerData, { kind: "AtProtoEvent" }>): JsonValue {
  return jsonObject({
    sequence: data.sequence,
    timestamp: data.timestamp,
    repo: data.repo,
    collection: data.collection,
    rkey: data.rkey,
    action: data.action,
    cid: data.cid,
    record: data.record === undefined ? undefined : canonicalJson(data.record),
    rev: data.rev,
    op_index: data.opIndex === undefined ? undefined : BigInt(data.opIndex),
  });
}

/** Reads the input of an operator component (spec/wire.md 2.6). */
export const decodeTriggerAction: Decoder<TriggerAction> = object({
  config: decodeTriggerConfig,
  data: decodeTriggerData,
});

export function encodeTriggerAction(action: TriggerAction): JsonValue {
  return jsonObject({ config: encodeTriggerConfig(action.config), data: encodeTriggerData(action.data) });
}
