import { decodeAbiBytes, readWord } from "./encoding.ts";
import { trap } from "./exports.ts";
import { exactInteger } from "./integers.ts";
import { encodeText, fromHex, toHex } from "./text.ts";
import type { AtProtoEvent, CosmosEvent, EvmEventLog, TriggerData } from "./types.ts";

/** Keccak-256 of `NewTrigger(bytes)`. */
const NEW_TRIGGER_TOPIC = "86eacd23610d81706516de1ed0476c87772fdf939c7c771fbbd7f0230d619e68";

const WORD_BYTES = 32;

export interface DecodedTrigger {
  /** 0 for raw data, which carries no id. */
  readonly triggerId: bigint;
  readonly data: Uint8Array;
}

/**
 * Takes the id and the data out of what a trigger delivered (spec/engine.md 6.2).
 *
 * @returns `undefined` for triggers that carry no data: block intervals and cron
 * @throws Error when an event is not the one the sample contracts emit
 */
export function decodeTrigger(data: TriggerData): DecodedTrigger | undefined {
  switch (data.tag) {
    case "raw":
      return { triggerId: 0n, data: data.val };
    case "evm-contract-event":
      return decodeEvmLog(data.val.log);
    case "cosmos-contract-event":
      return decodeCosmosEvent(data.val.event);
    case "atproto-event":
      return decodeAtProtoEvent(data.val);
    case "hypercore-append":
      return { triggerId: exactInteger(data.val.index, "index"), data: data.val.data };
    case "block-interval":
    case "cron":
      return undefined;
  }
}

/** `NewTrigger(bytes)` whose bytes are one tuple (uint64 triggerId, address creator, bytes data). */
function decodeEvmLog(log: EvmEventLog): DecodedTrigger {
  const topic = toHex(log.data.topics[0] ?? new Uint8Array());
  if (topic !== NEW_TRIGGER_TOPIC) {
    throw new Error(
      `failed to decode event: invalid signature hash for event "NewTrigger(bytes)": got 0x${topic}, expected 0x${NEW_TRIGGER_TOPIC}`,
    );
  }
  const info = decodeAbiBytes(log.data.data, 0, 0);
  const tuple = Number(readWord(info, 0));
  return {
    triggerId: BigInt.asUintN(64, readWord(info, tuple)),
    data: decodeAbiBytes(info, tuple, tuple + 2 * WORD_BYTES),
  };
}

function decodeCosmosEvent(event: CosmosEvent): DecodedTrigger {
  if (event.ty !== "push-message" && event.ty !== "wasm-push-message") {
    throw new Error(`Expected event type push-message, found ${event.ty}`);
  }
  const triggerId = requireAttribute(event, "trigger-id");
  if (!/^\d+$/.test(triggerId)) throw new Error(`Cannot read trigger-id "${triggerId}" as a number`);
  return { triggerId: BigInt.asUintN(64, BigInt(triggerId)), data: fromHex(requireAttribute(event, "data")) };
}

function requireAttribute(event: CosmosEvent, name: string): string {
  const attribute = event.attributes.find(([key]) => key === name);
  if (attribute === undefined) throw new Error(`Cannot find attribute "${name}" in event "${event.ty}"`);
  return attribute[1];
}

function decodeAtProtoEvent(event: AtProtoEvent): DecodedTrigger {
  if (event.sequence < 0) trap(`sequence ${event.sequence} is negative`);
  if (event.recordData === null) trap("the event carries no record");
  return { triggerId: exactInteger(event.sequence, "sequence"), data: encodeText(event.recordData) };
}
