import {
  decodeTriggerData,
  isJsonObject,
  type JsonObject,
  jsonObject,
  type JsonValue,
  type Trigger,
  type TriggerData,
} from "@/domain/mod.ts";
import { encodeByteArray } from "@/domain/scalar_json.ts";

export interface SimulationOptions {
  /** Milliseconds since the Unix epoch; what fires "now" fired then. */
  readonly nowMs: number;
  /** What `--input` gave; the data of kinds whose JSON leaves them out. */
  readonly data?: Uint8Array | undefined;
}

const ZERO_HASH = `0x${"00".repeat(32)}`;

/**
 * Reads trigger data whose circumstances may be left out (spec/wire.md 7.2, 2.5). They are zeros and not, as in the
 * reference, random: the same command gives the same event id.
 *
 * @throws WavsError `invalid_value` naming what is missing or wrong
 */
export function completeTriggerData(json: JsonValue, options: SimulationOptions): TriggerData {
  const [entry, ...others] = isJsonObject(json) ? [...json] : [];
  if (entry === undefined || others.length > 0) return decodeTriggerData(json);
  const [kind, fields] = entry;
  if (!isJsonObject(fields)) return decodeTriggerData(json);
  return decodeTriggerData(new Map([[kind, withDefaults(fields, defaultsOf(kind, options))]]));
}

function withDefaults(fields: JsonObject, defaults: JsonObject): JsonObject {
  return new Map([...defaults, ...fields]);
}

function defaultsOf(kind: string, { nowMs, data }: SimulationOptions): JsonObject {
  switch (kind) {
    case "EvmContractEvent":
      return jsonObject({
        tx_hash: ZERO_HASH,
        block_hash: ZERO_HASH,
        block_number: 0n,
        log_index: 0n,
        tx_index: 0n,
      });
    case "CosmosContractEvent":
      return jsonObject({ block_height: 0n, event_index: 0n });
    case "AtProtoEvent":
      return jsonObject({ sequence: 0n, timestamp: BigInt(nowMs) * 1000n, rkey: "simulated", action: "create" });
    case "HypercoreAppend":
      return jsonObject({ index: 0n, ...(data === undefined ? {} : { data: encodeByteArray(data) }) });
    case "Cron":
      return jsonObject({ trigger_time: BigInt(nowMs) * 1_000_000n });
    default:
      return new Map();
  }
}

/** A trigger of a workflow that this data would have come from. */
export function triggerOf(data: TriggerData): Trigger {
  switch (data.kind) {
    case "EvmContractEvent": {
      const [eventHash] = data.logData.topics;
      if (eventHash === undefined) return { kind: "manual" };
      return { kind: "evm_contract_event", address: data.contractAddress, chain: data.chain, eventHash };
    }
    case "CosmosContractEvent":
      return {
        kind: "cosmos_contract_event",
        address: data.contractAddress,
        chain: data.chain,
        eventType: data.event.type,
      };
    case "BlockInterval":
      return { kind: "block_interval", chain: data.chain, nBlocks: 1, startBlock: undefined, endBlock: undefined };
    case "Cron":
      return { kind: "cron", schedule: "* * * * * *", startTime: undefined, endTime: undefined };
    case "AtProtoEvent":
      return { kind: "at_proto_event", collection: data.collection, repoDid: data.repo, action: data.action };
    case "HypercoreAppend":
      return { kind: "hypercore_append", feedKey: data.feedKey };
    case "Raw":
      return { kind: "manual" };
  }
}
