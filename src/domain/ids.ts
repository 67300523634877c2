import type { Branded } from "./brand.ts";

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
