import type { Branded } from "./brand.ts";
import { parseHexOfLength, withoutPrefix } from "./hex.ts";
import { invalidText } from "./json/path.ts";
import { compareUtf8 } from "./utf8.ts";

/** `0x` and lower-case hex, any even number of digits. */
export type Hex = `0x${string}`;

/** 64 lower-case hex digits without `0x`: identifies a service by its manager (spec/wire.md 1.2). */
export type ServiceId = Branded<string, "ServiceId">;

/** 64 lower-case hex digits without `0x`: SHA-256 of the canonical service JSON (spec/wire.md 1.4). */
export type ServiceDigest = Branded<string, "ServiceDigest">;

/** 64 lower-case hex digits without `0x`: SHA-256 of a component's bytes (spec/wire.md 1.1). */
export type ComponentDigest = Branded<string, "ComponentDigest">;

/** 3..36 of `a-z 0-9 _ -` (spec/wire.md 1.3). */
export type WorkflowId = Branded<string, "WorkflowId">;

/** `namespace:id` (spec/wire.md 1.5). */
export type ChainKey = Branded<string, "ChainKey">;

/** `0x` and 40 lower-case hex digits: RIPEMD-160 of service, workflow and salt (spec/wire.md 1.6). */
export type EventId = Branded<Hex, "EventId">;

/** `0x` and 24 lower-case hex digits (spec/wire.md 1.7). */
export type EventOrder = Branded<Hex, "EventOrder">;

/** `0x` and 40 lower-case hex digits. */
export type EvmAddress = Branded<Hex, "EvmAddress">;

/** Canonical lower-case bech32 text. */
export type CosmosAddress = Branded<string, "CosmosAddress">;

/** `0x` and 64 lower-case hex digits: transaction and block hashes, log topics. */
export type Bytes32 = Branded<Hex, "Bytes32">;

/** Nanoseconds since the Unix epoch, unsigned 64 bits. */
export type TimestampNs = Branded<bigint, "TimestampNs">;

/** The id of a workflow nobody named. */
export const DEFAULT_WORKFLOW_ID = "default" as WorkflowId;

const BARE_32 = "64 hex digits";
const MAX_U64 = 2n ** 64n - 1n;
const WORKFLOW_ID = /^[a-z0-9_-]{3,36}$/;
const CHAIN_KEY = /^[-a-z0-9]{1,32}:[-_a-zA-Z0-9]{1,32}$/;

/** Every parser below throws WavsError `invalid_value` for text that does not follow its grammar (spec/wire.md 1.0). */
export function parseServiceId(text: string): ServiceId {
  return parseBare32(text, "a service id") as ServiceId;
}

export function parseServiceDigest(text: string): ServiceDigest {
  return parseBare32(text, "a service digest") as ServiceDigest;
}

export function parseComponentDigest(text: string): ComponentDigest {
  return parseBare32(text, "a component digest") as ComponentDigest;
}

/** Only ASCII digits: what nobody can create here, nobody sends (spec/wire.md 1.3). */
export function parseWorkflowId(text: string): WorkflowId {
  if (!WORKFLOW_ID.test(text)) {
    throw invalidText('a workflow id of 3 to 36 characters out of a-z, 0-9, "_" and "-"', text);
  }
  return text as WorkflowId;
}

export function parseChainKey(text: string): ChainKey {
  if (!CHAIN_KEY.test(text)) throw invalidText('a chain key of the form "namespace:id", such as "evm:31337"', text);
  return text as ChainKey;
}

export function chainKeyOf(namespace: string, id: string): ChainKey {
  return parseChainKey(`${namespace}:${id}`);
}

/** The part before the colon: `evm`, `cosmos` and `dev` lead to a chain configuration. */
export function chainNamespace(key: ChainKey): string {
  return key.slice(0, key.indexOf(":"));
}

/** The part after the colon. */
export function chainIdPart(key: ChainKey): string {
  return key.slice(key.indexOf(":") + 1);
}

/** Orders by namespace, then id (spec/wire.md 1.5). */
export function compareChainKeys(left: ChainKey, right: ChainKey): number {
  return compareUtf8(chainNamespace(left), chainNamespace(right)) || compareUtf8(chainIdPart(left), chainIdPart(right));
}

export function parseEventId(text: string): EventId {
  return parseHexOfLength(text, 20, "an event id of 40 hex digits") as EventId;
}

export function parseEventOrder(text: string): EventOrder {
  return parseHexOfLength(text, 12, "an event order of 24 hex digits") as EventOrder;
}

export function parseBytes32(text: string): Bytes32 {
  return parseHexOfLength(text, 32, `32 bytes as ${BARE_32}, with or without 0x`) as Bytes32;
}

/** Checks that nanoseconds since the epoch fit the 64 bits they have on the wire. */
export function timestampNs(value: bigint): TimestampNs {
  if (value < 0n || value > MAX_U64) throw invalidText("nanoseconds since 1970 in 64 bits", String(value));
  return value as TimestampNs;
}

function parseBare32(text: string, what: string): string {
  return withoutPrefix(parseHexOfLength(text, 32, `${what} of ${BARE_32}, with or without 0x`));
}
