import { ripemd160 } from "@noble/hashes/legacy.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { BincodeWriter } from "./bincode.ts";
import { bytesToHex, hexToBytes } from "./hex.ts";
import type { EventId, ServiceId, WorkflowId } from "./ids.ts";
import { canonicalJson, isJsonArray, type JsonValue } from "./json/mod.ts";
import type { AtProtoAction, TriggerData } from "./trigger.ts";
import { utf8Bytes } from "./utf8.ts";

export interface EventIdOptions {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  /** From {@link eventSalt}. */
  readonly salt: Uint8Array;
}

/** The id every operator derives for one event of one workflow (spec/wire.md 1.6). */
export function eventIdOf({ serviceId, workflowId, salt }: EventIdOptions): EventId {
  const input = concatBytes(hexToBytes(serviceId), utf8Bytes(workflowId), salt);
  return bytesToHex(ripemd160(input)) as EventId;
}

/**
 * What tells events of one workflow apart (spec/wire.md 1.6.1).
 *
 * @param responseSalt of the component's response; empty bytes are a salt, `undefined` is none
 */
export function eventSalt(data: TriggerData, responseSalt: Uint8Array | undefined): Uint8Array {
  return responseSalt ?? triggerDataSalt(data);
}

/** The binary form of trigger data that event ids are made of (spec/wire.md 1.6.3, 1.6.4). */
export function triggerDataSalt(data: TriggerData): Uint8Array {
  const writer = new BincodeWriter();
  writeTriggerData(writer, data);
  return writer.finish();
}

function writeTriggerData(writer: BincodeWriter, data: TriggerData): void {
  switch (data.kind) {
    case "CosmosContractEvent":
      return writeCosmosContractEvent(writer, data);
    case "EvmContractEvent":
      return writeEvmContractEvent(writer, data);
    case "BlockInterval":
      writer.unsigned(2).string(data.chain).unsigned(data.blockHeight);
      return;
    case "Cron":
      writer.unsigned(3).unsigned(data.triggerTime);
      return;
    case "AtProtoEvent":
      return writeAtProtoEvent(writer, data);
    case "HypercoreAppend":
      writer.unsigned(5).string(data.feedKey).unsigned(data.index).bytes(data.data);
      return;
    case "Raw":
      writer.unsigned(6).bytes(data.data);
      return;
  }
}

type DataOf<Kind extends TriggerData["kind"]> = Extract<TriggerData, { kind: Kind }>;

function writeCosmosContractEvent(writer: BincodeWriter, data: DataOf<"CosmosContractEvent">): void {
  writer.unsigned(0).string(data.contractAddress).string(data.chain).string(data.event.type);
  writer.sequence(data.event.attributes, ({ key, value }) => writer.string(key).string(value));
  writer.unsigned(data.blockHeight).unsigned(data.eventIndex);
}

function writeEvmContractEvent(writer: BincodeWriter, data: DataOf<"EvmContractEvent">): void {
  writer.unsigned(1).string(data.chain).hex(data.contractAddress);
  writer.sequence(data.logData.topics, (topic) => writer.hex(topic)).bytes(data.logData.data);
  writer.hex(data.txHash).unsigned(data.blockNumber).unsigned(data.logIndex).hex(data.blockHash);
  writer.option(data.blockTimestamp, (seconds) => writer.unsigned(seconds)).unsigned(data.txIndex);
}

const AT_PROTO_ACTION_INDEX: Readonly<Record<AtProtoAction, number>> = { create: 0, update: 1, delete: 2 };

/** Without variant index, sequence and timestamp: those differ between relays (spec/wire.md 1.6.4). */
function writeAtProtoEvent(writer: BincodeWriter, data: DataOf<"AtProtoEvent">): void {
  writer.string(data.repo).string(data.collection).string(data.rkey);
  writer.unsigned(AT_PROTO_ACTION_INDEX[data.action]);
  writer.option(data.cid, (cid) => writer.string(cid));
  writer.option(data.record, (record) => writeJson(writer, canonicalJson(record)));
  writer.option(data.rev, (rev) => writer.string(rev));
  writer.option(data.opIndex, (index) => writer.unsigned(index));
}

/** JSON has no tags here: null is nothing at all (spec/wire.md 1.6.4). */
function writeJson(writer: BincodeWriter, value: JsonValue): void {
  if (value === null) return;
  switch (typeof value) {
    case "boolean":
      writer.bool(value);
      return;
    case "bigint":
      if (value >= 0n) writer.unsigned(value);
      else writer.signed(value);
      return;
    case "number":
      writer.float(value);
      return;
    case "string":
      writer.string(value);
      return;
    case "object":
      return writeJsonContainer(writer, value);
  }
}

function writeJsonContainer(writer: BincodeWriter, value: Extract<JsonValue, object>): void {
  if (isJsonArray(value)) {
    writer.sequence(value, (item) => writeJson(writer, item));
    return;
  }
  writer.sequence([...value], ([key, member]) => {
    writer.string(key);
    writeJson(writer, member);
  });
}
