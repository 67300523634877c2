import {
  canonicalJson,
  hexToBytes,
  printJson,
  type TriggerAction,
  type TriggerData,
  type TxResult,
  type WasmResponse,
} from "@/domain/mod.ts";
import { cosmosAddressToWit, evmAddressToWit, triggerToWit } from "./service_to_wit.ts";
import type { WitVariant, WitWasmResponse } from "./wit_values.ts";

/** The argument of an operator component's `run`. */
export function triggerActionToWit({ config, data }: TriggerAction): unknown {
  return {
    config: {
      serviceId: config.serviceId,
      workflowId: config.workflowId,
      trigger: triggerToWit(config.trigger),
    },
    data: triggerDataToWit(data),
  };
}

/** The argument of all three exports of an aggregator component. */
export function aggregatorInputToWit(action: TriggerAction, response: WasmResponse): unknown {
  const operatorResponse: WitWasmResponse = response;
  return { triggerAction: triggerActionToWit(action), operatorResponse };
}

/** `result<any-tx-hash, string>` of the submit callback. */
export function txResultToWit(result: TxResult): unknown {
  switch (result.kind) {
    case "evm":
    case "cosmos":
      return { tag: "ok", val: { tag: result.kind, val: result.txHash } };
    case "failed":
      return { tag: "err", val: result.reason };
  }
}

function triggerDataToWit(data: TriggerData): WitVariant {
  switch (data.kind) {
    case "EvmContractEvent":
      return { tag: "evm-contract-event", val: { chain: data.chain, log: evmLogToWit(data) } };
    case "CosmosContractEvent":
      return { tag: "cosmos-contract-event", val: cosmosEventToWit(data) };
    case "BlockInterval":
      return { tag: "block-interval", val: { chain: data.chain, blockHeight: data.blockHeight } };
    case "Cron":
      return { tag: "cron", val: { triggerTime: { nanos: data.triggerTime } } };
    case "AtProtoEvent":
      return { tag: "atproto-event", val: atProtoEventToWit(data) };
    case "HypercoreAppend":
      return { tag: "hypercore-append", val: { feedKey: data.feedKey, index: data.index, data: data.data } };
    case "Raw":
      return { tag: "raw", val: data.data };
  }
}

function evmLogToWit(data: Extract<TriggerData, { kind: "EvmContractEvent" }>): unknown {
  return {
    address: evmAddressToWit(data.contractAddress),
    data: { topics: data.logData.topics.map(hexToBytes), data: data.logData.data },
    txHash: hexToBytes(data.txHash),
    blockNumber: data.blockNumber,
    logIndex: data.logIndex,
    blockHash: hexToBytes(data.blockHash),
    blockTimestamp: data.blockTimestamp,
    txIndex: data.txIndex,
  };
}

function cosmosEventToWit(data: Extract<TriggerData, { kind: "CosmosContractEvent" }>): unknown {
  return {
    contractAddress: cosmosAddressToWit(data.contractAddress),
    chain: data.chain,
    event: { ty: data.event.type, attributes: data.event.attributes.map(({ key, value }) => [key, value]) },
    eventIndex: data.eventIndex,
    blockHeight: data.blockHeight,
  };
}

/** The record becomes compact JSON text, its keys sorted at every level (spec/engine.md 1.5). */
function atProtoEventToWit(data: Extract<TriggerData, { kind: "AtProtoEvent" }>): unknown {
  const { sequence, timestamp, repo, collection, rkey, action, cid, record, rev, opIndex } = data;
  const recordData = record === undefined ? undefined : printJson(canonicalJson(record));
  return { sequence, timestamp, repo, collection, rkey, action, cid, recordData, rev, opIndex };
}
