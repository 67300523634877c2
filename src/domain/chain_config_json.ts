import {
  type ChainConfig,
  type CosmosChainConfig,
  type EvmChainConfig,
  type EvmReading,
  REFERENCE_READING,
} from "./chain_config.ts";
import { WavsError } from "./errors.ts";
import { chainIdPart, type ChainKey, chainKeyOf, chainNamespace, compareChainKeys } from "./ids.ts";
import {
  array,
  type Decoder,
  either,
  float,
  jsonMap,
  jsonObject,
  type JsonPath,
  type JsonValue,
  map,
  mapped,
  nonZeroU32,
  object,
  oneOf,
  optional,
  string,
  u32,
  u64,
  withDefault,
} from "./json/mod.ts";

const EVM_FIELDS = {
  ws_endpoints: array(string),
  http_endpoint: optional(string),
  faucet_endpoint: optional(string),
  ws_priority_endpoint_index: optional(mapped(u64, Number)),
  confirmations: withDefault(either(u32, oneOf("safe", "finalized")), REFERENCE_READING.confirmations),
  event_timestamp: withDefault(oneOf("provider", "header", "none"), REFERENCE_READING.eventTimestamp),
  rpc_quorum: withDefault(nonZeroU32, REFERENCE_READING.rpcQuorum),
};

const COSMOS_FIELDS = {
  bech32_prefix: string,
  rpc_endpoint: optional(string),
  grpc_endpoint: optional(string),
  gas_price: float,
  gas_denom: string,
  faucet_endpoint: optional(string),
};

/** Names a configuration that does not name itself. */
type Unkeyed = (key: ChainKey, chainId: string) => ChainConfig;

const decodeEvmFields: Decoder<Unkeyed> = mapped(
  object(EVM_FIELDS),
  (fields) => (key, chainId) => ({
    kind: "evm",
    key,
    chainId,
    wsEndpoints: fields.ws_endpoints,
    httpEndpoint: fields.http_endpoint,
    faucetEndpoint: fields.faucet_endpoint,
    wsPriorityEndpointIndex: fields.ws_priority_endpoint_index,
    reading: {
      confirmations: fields.confirmations,
      eventTimestamp: fields.event_timestamp,
      rpcQuorum: fields.rpc_quorum,
    },
  }),
);

const decodeCosmosFields: Decoder<Unkeyed> = mapped(
  object(COSMOS_FIELDS),
  (fields) => (key, chainId) => ({
    kind: "cosmos",
    key,
    chainId,
    bech32Prefix: fields.bech32_prefix,
    rpcEndpoint: fields.rpc_endpoint,
    grpcEndpoint: fields.grpc_endpoint,
    gasPrice: fields.gas_price,
    gasDenom: fields.gas_denom,
    faucetEndpoint: fields.faucet_endpoint,
  }),
);

const decodeTypeAndChainId = object({ type: oneOf("evm", "cosmos"), chain_id: string });

/** Reads a configuration that says its type and chain id, for the key it is known by (spec/wire.md 2.8). */
export function decodeChainConfigFor(key: ChainKey): Decoder<ChainConfig> {
  return mapped(decodeTypedFields, (config) => config(key));
}

function decodeTypedFields(value: JsonValue, path?: JsonPath): (key: ChainKey) => ChainConfig {
  const { type, chain_id } = decodeTypeAndChainId(value, path);
  const config = type === "evm" ? decodeEvmFields(value, path) : decodeCosmosFields(value, path);
  return (key) => config(key, chain_id);
}

/** The three tables of chains by id; each may be absent (spec/wire.md 2.8). */
export const decodeChainConfigs: Decoder<ReadonlyMap<ChainKey, ChainConfig>> = mapped(
  object({
    cosmos: withDefault(map(idIn("cosmos"), decodeCosmosFields), new Map()),
    evm: withDefault(map(idIn("evm"), decodeEvmFields), new Map()),
    dev: withDefault(map(idIn("dev"), decodeTypedFields), new Map()),
  }),
  ({ cosmos, evm, dev }) => {
    const configs = [
      ...[...cosmos].map(([id, config]) => config(chainKeyOf("cosmos", id), id)),
      ...[...dev].map(([id, config]) => config(chainKeyOf("dev", id))),
      ...[...evm].map(([id, config]) => config(chainKeyOf("evm", id), id)),
    ];
    return new Map(configs.map((config) => [config.key, config]));
  },
);

/** Checks an id as part of the key it makes. */
function idIn(namespace: string): (id: string) => string {
  return (id) => chainIdPart(chainKeyOf(namespace, id));
}

/** Writes a configuration with its type and chain id (spec/wire.md 2.8). */
export function encodeChainConfig(config: ChainConfig): JsonValue {
  return jsonObject({ type: config.kind, chain_id: config.chainId, ...encodeFields(config) });
}

/** The inverse of {@link decodeChainConfigs}; all three tables are written. */
export function encodeChainConfigs(configs: Iterable<ChainConfig>): JsonValue {
  const sorted = [...configs].sort((left, right) => compareChainKeys(left.key, right.key));
  const tableOf = (namespace: string, encode: (config: ChainConfig) => JsonValue): JsonValue =>
    jsonMap(
      sorted.filter(({ key }) => chainNamespace(key) === namespace)
        .map((config) => [chainIdPart(config.key), encode(config)]),
    );
  const withoutName = (config: ChainConfig): JsonValue => jsonObject(encodeFields(config));
  return jsonObject({
    cosmos: tableOf("cosmos", withoutName),
    evm: tableOf("evm", withoutName),
    dev: tableOf("dev", encodeChainConfig),
  });
}

/**
 * Refuses a configuration its key does not fit: `evm:X` and `cosmos:X` must be of that type and chain id, `dev:X` may
 * be anything, other namespaces nothing (spec/wire.md 5.3).
 *
 * @throws WavsError `chain_config_mismatch`
 */
export function checkChainConfigKey(config: ChainConfig): void {
  const namespace = chainNamespace(config.key);
  if (namespace === "dev") return;
  const reason = mismatch(namespace, config);
  if (reason === undefined) return;
  throw new WavsError("chain_config_mismatch", {
    message: `Cannot add the chain "${config.key}": ${reason}`,
    retryable: false,
    meta: { chain: config.key, type: config.kind, chainId: config.chainId },
  });
}

function mismatch(namespace: string, config: ChainConfig): string | undefined {
  if (namespace !== "evm" && namespace !== "cosmos") return `its namespace must be "evm", "cosmos" or "dev"`;
  if (config.kind !== namespace) return `its type is "${config.kind}", but its namespace says "${namespace}"`;
  const expected = chainIdPart(config.key);
  if (config.chainId !== expected) return `Chain ID mismatch: expected ${expected}, got ${config.chainId}`;
  return undefined;
}

type JsonMembers = Readonly<Record<string, JsonValue | undefined>>;

function encodeFields(config: ChainConfig): JsonMembers {
  return config.kind === "evm" ? encodeEvmFields(config) : encodeCosmosFields(config);
}

function encodeEvmFields(config: EvmChainConfig): JsonMembers {
  const index = config.wsPriorityEndpointIndex;
  return {
    ws_endpoints: config.wsEndpoints,
    http_endpoint: config.httpEndpoint,
    faucet_endpoint: config.faucetEndpoint,
    ws_priority_endpoint_index: index === undefined ? undefined : BigInt(index),
    ...encodeReading(config.reading),
  };
}

/** Only what differs: a chain without settings of our own is written as the reference writes it. */
function encodeReading({ confirmations, eventTimestamp, rpcQuorum }: EvmReading): JsonMembers {
  const reference = REFERENCE_READING;
  return {
    ...confirmations === reference.confirmations
      ? {}
      : { confirmations: typeof confirmations === "number" ? BigInt(confirmations) : confirmations },
    ...eventTimestamp === reference.eventTimestamp ? {} : { event_timestamp: eventTimestamp },
    ...rpcQuorum === reference.rpcQuorum ? {} : { rpc_quorum: BigInt(rpcQuorum) },
  };
}

function encodeCosmosFields(config: CosmosChainConfig): JsonMembers {
  return {
    bech32_prefix: config.bech32Prefix,
    rpc_endpoint: config.rpcEndpoint,
    grpc_endpoint: config.grpcEndpoint,
    gas_price: config.gasPrice,
    gas_denom: config.gasDenom,
    faucet_endpoint: config.faucetEndpoint,
  };
}
