import { WavsError } from "@/domain/errors.ts";
import { hexToBytes } from "@/domain/hex.ts";
import { type Bytes32, type EvmAddress, parseBytes32 } from "@/domain/ids.ts";
import { parseEvmAddress } from "@/domain/address.ts";
import { invalidAnswer } from "./errors.ts";
import { isRecord } from "./json_rpc.ts";

/** As much of a block header as following a chain takes. */
export interface BlockHeader {
  readonly number: bigint;
  readonly hash: Bytes32;
  readonly parentHash: Bytes32;
  /** Seconds. */
  readonly timestamp: bigint;
}

/** A log of a mined block. */
export interface EvmLog {
  readonly address: EvmAddress;
  readonly topics: readonly Bytes32[];
  readonly data: Uint8Array;
  readonly blockNumber: bigint;
  readonly blockHash: Bytes32;
  /** Seconds; only when the provider sends it with the log (spec/wire.md 2.5). */
  readonly blockTimestamp: bigint | undefined;
  readonly transactionHash: Bytes32;
  readonly transactionIndex: bigint;
  readonly logIndex: bigint;
}

/** A log that must not fire anything, and why (spec/wire.md 2.5). */
export interface DroppedLog {
  readonly dropped: string;
}

const QUANTITY = /^0x[0-9a-fA-F]{1,16}$/;
const MAX_TOPICS = 4;
const REQUIRED_LOG_MEMBERS = ["blockHash", "transactionIndex", "blockNumber", "transactionHash", "logIndex"] as const;

/**
 * A hex quantity of at most 64 bits. Leading zeros are taken: some nodes send them.
 *
 * @throws WavsError `rpc_invalid_answer`, like every function here
 */
export function parseQuantity(value: unknown): bigint {
  if (typeof value !== "string" || !QUANTITY.test(value)) throw invalidAnswer("a hex quantity", value);
  return BigInt(value);
}

/** A number as requests carry it: `0x1f`. */
export function quantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}

export function parseHash(value: unknown): Bytes32 {
  return checked(value, "a hash of 32 bytes", parseBytes32);
}

/** A block as `eth_getBlockByNumber` and `newHeads` send it. */
export function parseHeader(value: unknown): BlockHeader {
  if (!isRecord(value)) throw invalidAnswer("a block", value);
  return {
    number: parseQuantity(value.number),
    hash: parseHash(value.hash),
    parentHash: parseHash(value.parentHash),
    timestamp: parseQuantity(value.timestamp),
  };
}

/** A log as `eth_getLogs` and `logs` subscriptions send it; one that is not (any more) in a block is dropped. */
export function parseLog(value: unknown): EvmLog | DroppedLog {
  if (!isRecord(value)) throw invalidAnswer("a log", value);
  if (value.removed === true) return { dropped: "a reorg removed it" };
  const missing = REQUIRED_LOG_MEMBERS.find((name) => value[name] === undefined || value[name] === null);
  if (missing !== undefined) return { dropped: `it has no "${missing}"` };
  return {
    address: checked(value.address, "an address of 20 bytes", parseEvmAddress),
    topics: parseTopics(value.topics),
    data: checked(value.data, "hex bytes", hexToBytes),
    blockNumber: parseQuantity(value.blockNumber),
    blockHash: parseHash(value.blockHash),
    blockTimestamp: isUnset(value.blockTimestamp) ? undefined : parseQuantity(value.blockTimestamp),
    transactionHash: parseHash(value.transactionHash),
    transactionIndex: parseQuantity(value.transactionIndex),
    logIndex: parseQuantity(value.logIndex),
  };
}

function parseTopics(value: unknown): readonly Bytes32[] {
  if (!Array.isArray(value) || value.length > MAX_TOPICS) throw invalidAnswer(`at most ${MAX_TOPICS} topics`, value);
  return value.map(parseHash);
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null;
}

function checked<T>(value: unknown, expected: string, parse: (text: string) => T): T {
  if (typeof value !== "string" || !value.startsWith("0x")) throw invalidAnswer(expected, value);
  try {
    return parse(value);
  } catch (error) {
    if (error instanceof WavsError) throw invalidAnswer(expected, value);
    throw error;
  }
}
