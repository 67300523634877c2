import fc from "fast-check";
import {
  type Bytes32,
  bytesToBareHex,
  bytesToHex,
  canonicalJson,
  type ChainConfig,
  chainIdPart,
  type ChainKey,
  chainKeyOf,
  compareUtf8,
  type Component,
  type ComponentSource,
  type CosmosAddress,
  cosmosAddressOf,
  type Envelope,
  type EvmAddress,
  evmAddressOf,
  type EvmReading,
  type JsonValue,
  parseBytes32,
  parseComponentDigest,
  parseEventId,
  parseEventOrder,
  parseServiceId,
  parseWorkflowId,
  type Permissions,
  type Service,
  type ServiceManager,
  type SignatureKind,
  sortedUtf8,
  type Submission,
  type Submit,
  type TimestampNs,
  timestampNs,
  type Trigger,
  type TriggerAction,
  type TriggerData,
  type WasmResponse,
  type Workflow,
  type WorkflowId,
} from "@/domain/mod.ts";

const MAX_U64 = 2n ** 64n - 1n;
const MAX_U32 = 2 ** 32 - 1;

/** Any Unicode text, the code points where UTF-8 and UTF-16 order differ included. */
export function texts(maxLength = 12): fc.Arbitrary<string> {
  return fc.string({ unit: "binary", maxLength });
}

export function u64s(min = 0n): fc.Arbitrary<bigint> {
  return fc.bigInt({ min, max: MAX_U64 });
}

/** Any JSON document without repeated keys. */
export function jsonValues(): fc.Arbitrary<JsonValue> {
  return fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constant(null),
      fc.boolean(),
      fc.bigInt({ min: -(2n ** 63n), max: MAX_U64 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      texts(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.uniqueArray(fc.tuple(texts(), tie("value")), { maxLength: 4, selector: ([key]) => key })
        .map((members) => new Map(members)),
    ),
  })).value;
}

export function bytes(maxLength = 40): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength });
}

function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** Plain objects, as the decoders make them. */
function record<T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

export function bytes32s(): fc.Arbitrary<Bytes32> {
  return bytesOf(32).map((value) => parseBytes32(bytesToHex(value)));
}

export function evmAddresses(): fc.Arbitrary<EvmAddress> {
  return bytesOf(20).map(evmAddressOf);
}

export function cosmosAddresses(): fc.Arbitrary<CosmosAddress> {
  return fc.tuple(fc.constantFrom("cosmos", "osmo", "neutron", "wasm"), fc.oneof(bytesOf(20), bytesOf(32)))
    .map(([prefix, payload]) => cosmosAddressOf(prefix, payload));
}

export function chainKeys(namespace: fc.Arbitrary<string> = fc.stringMatching(/^[-a-z0-9]{1,32}$/)): fc.Arbitrary<
  ChainKey
> {
  return fc.tuple(namespace, fc.stringMatching(/^[-_a-zA-Z0-9]{1,32}$/)).map(([name, id]) => chainKeyOf(name, id));
}

export function workflowIds(): fc.Arbitrary<WorkflowId> {
  return fc.stringMatching(/^[a-z0-9_-]{3,36}$/).map(parseWorkflowId);
}

export function timestamps(): fc.Arbitrary<TimestampNs> {
  return u64s().map(timestampNs);
}

export function triggers(): fc.Arbitrary<Trigger> {
  return fc.oneof(
    record<Trigger & { kind: "cosmos_contract_event" }>({
      kind: fc.constant("cosmos_contract_event"),
      address: cosmosAddresses(),
      chain: chainKeys(),
      eventType: texts(),
    }),
    record<Trigger & { kind: "evm_contract_event" }>({
      kind: fc.constant("evm_contract_event"),
      address: evmAddresses(),
      chain: chainKeys(),
      eventHash: bytes32s(),
    }),
    record<Trigger & { kind: "block_interval" }>({
      kind: fc.constant("block_interval"),
      chain: chainKeys(),
      nBlocks: fc.integer({ min: 1, max: MAX_U32 }),
      startBlock: optional(u64s(1n)),
      endBlock: optional(u64s(1n)),
    }),
    record<Trigger & { kind: "cron" }>({
      kind: fc.constant("cron"),
      schedule: texts(),
      startTime: optional(timestamps()),
      endTime: optional(timestamps()),
    }),
    record<Trigger & { kind: "at_proto_event" }>({
      kind: fc.constant("at_proto_event"),
      collection: texts(),
      repoDid: optional(texts()),
      action: optional(fc.constantFrom("create", "update", "delete")),
    }),
    record<Trigger & { kind: "hypercore_append" }>({ kind: fc.constant("hypercore_append"), feedKey: texts() }),
    fc.constant<Trigger>({ kind: "manual" }),
  );
}

export function componentSources(): fc.Arbitrary<ComponentSource> {
  const digest = bytesOf(32).map((value) => parseComponentDigest(bytesToBareHex(value)));
  return fc.oneof(
    record<ComponentSource & { kind: "download" }>({
      kind: fc.constant("download"),
      uri: fc.webUrl({ withFragments: true, withQueryParameters: true }),
      digest,
    }),
    record<ComponentSource & { kind: "registry" }>({
      kind: fc.constant("registry"),
      digest,
      domain: optional(texts()),
      version: optional(fc.tuple(fc.nat(), fc.nat(), fc.nat()).map((parts) => parts.join("."))),
      package: fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z][a-z0-9]{0,3})?:[a-z][a-z0-9]{0,5}$/),
    }),
    record<ComponentSource & { kind: "digest" }>({ kind: fc.constant("digest"), digest }),
  );
}

export function permissions(): fc.Arbitrary<Permissions> {
  return record<Permissions>({
    allowedHttpHosts: fc.oneof(
      fc.constantFrom({ kind: "all" } as const, { kind: "none" } as const),
      fc.array(fc.domain(), { maxLength: 3 }).map((hosts) => ({ kind: "only", hosts }) as const),
    ),
    fileSystem: fc.boolean(),
    rawSockets: fc.boolean(),
    dnsResolution: fc.boolean(),
  });
}

export function components(): fc.Arbitrary<Component> {
  return record<Component>({
    source: componentSources(),
    permissions: permissions(),
    fuelLimit: optional(u64s()),
    timeLimitSeconds: optional(u64s()),
    config: sortedMaps(texts(), texts()),
    envKeys: fc.array(texts(), { maxLength: 4 }).map(sortedUtf8),
  });
}

export function signatureKinds(): fc.Arbitrary<SignatureKind> {
  return record<SignatureKind>({
    algorithm: fc.constant("secp256k1"),
    prefix: optional(fc.constant("eip191")),
  });
}

export function submits(): fc.Arbitrary<Submit> {
  return fc.oneof(
    fc.constant<Submit>({ kind: "none" }),
    record<Submit & { kind: "aggregator" }>({
      kind: fc.constant("aggregator"),
      component: components(),
      signatureKind: signatureKinds(),
    }),
  );
}

export function workflows(): fc.Arbitrary<Workflow> {
  return record<Workflow>({ trigger: triggers(), component: components(), submit: submits() });
}

export function serviceManagers(): fc.Arbitrary<ServiceManager> {
  return fc.oneof(
    record<ServiceManager & { kind: "evm" }>({
      kind: fc.constant("evm"),
      chain: chainKeys(),
      address: evmAddresses(),
    }),
    record<ServiceManager & { kind: "cosmos" }>({
      kind: fc.constant("cosmos"),
      chain: chainKeys(),
      address: cosmosAddresses(),
    }),
  );
}

export function services(): fc.Arbitrary<Service> {
  return record<Service>({
    name: texts(),
    workflows: sortedMaps(workflowIds(), workflows()),
    status: fc.constantFrom("active", "paused"),
    manager: serviceManagers(),
  });
}

function sortedMaps<K extends string, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>): fc.Arbitrary<
  ReadonlyMap<K, V>
> {
  return fc.array(fc.tuple(key, value), { maxLength: 3 })
    .map((entries) => new Map([...new Map(entries)].sort(([left], [right]) => compareUtf8(left, right))));
}

export function triggerData(): fc.Arbitrary<TriggerData> {
  return fc.oneof(
    cosmosContractEvents(),
    evmContractEvents(),
    record<TriggerData & { kind: "BlockInterval" }>({
      kind: fc.constant("BlockInterval"),
      chain: chainKeys(),
      blockHeight: u64s(),
    }),
    record<TriggerData & { kind: "Cron" }>({ kind: fc.constant("Cron"), triggerTime: timestamps() }),
    atProtoEvents(),
    record<TriggerData & { kind: "HypercoreAppend" }>({
      kind: fc.constant("HypercoreAppend"),
      feedKey: texts(),
      index: u64s(),
      data: bytes(),
    }),
    record<TriggerData & { kind: "Raw" }>({ kind: fc.constant("Raw"), data: bytes() }),
  );
}

function cosmosContractEvents(): fc.Arbitrary<TriggerData> {
  return record<TriggerData & { kind: "CosmosContractEvent" }>({
    kind: fc.constant("CosmosContractEvent"),
    contractAddress: cosmosAddresses(),
    chain: chainKeys(),
    event: record({
      type: texts(),
      attributes: fc.array(record({ key: texts(), value: texts() }), { maxLength: 4 }),
    }),
    blockHeight: u64s(),
    eventIndex: u64s(),
  });
}

function evmContractEvents(): fc.Arbitrary<TriggerData> {
  return record<TriggerData & { kind: "EvmContractEvent" }>({
    kind: fc.constant("EvmContractEvent"),
    chain: chainKeys(),
    contractAddress: evmAddresses(),
    logData: record({ topics: fc.array(bytes32s(), { maxLength: 4 }), data: bytes() }),
    txHash: bytes32s(),
    blockNumber: u64s(),
    logIndex: u64s(),
    blockHash: bytes32s(),
    blockTimestamp: optional(u64s()),
    txIndex: u64s(),
  });
}

function atProtoEvents(): fc.Arbitrary<TriggerData> {
  const i64s = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  return record<TriggerData & { kind: "AtProtoEvent" }>({
    kind: fc.constant("AtProtoEvent"),
    sequence: i64s,
    timestamp: i64s,
    repo: texts(),
    collection: texts(),
    rkey: texts(),
    action: fc.constantFrom("create", "update", "delete"),
    cid: optional(texts()),
    // A null record is an absent one (spec/wire.md 0.5).
    record: optional(jsonValues().filter((value) => value !== null).map(canonicalJson)),
    rev: optional(texts()),
    opIndex: optional(fc.integer({ min: 0, max: MAX_U32 })),
  });
}

export function triggerActions(): fc.Arbitrary<TriggerAction> {
  return record<TriggerAction>({
    config: record({
      serviceId: bytesOf(32).map((value) => parseServiceId(bytesToBareHex(value))),
      workflowId: workflowIds(),
      trigger: triggers(),
    }),
    data: triggerData(),
  });
}

export function wasmResponses(): fc.Arbitrary<WasmResponse> {
  return record<WasmResponse>({ payload: bytes(), ordering: optional(u64s()), eventIdSalt: optional(bytes()) });
}

export function envelopes(): fc.Arbitrary<Envelope> {
  return record<Envelope>({
    eventId: bytesOf(20).map((value) => parseEventId(bytesToHex(value))),
    ordering: bytesOf(12).map((value) => parseEventOrder(bytesToHex(value))),
    payload: bytes(),
  });
}

/** Well-formed, but neither signed nor consistent: its parts are drawn independently. */
export function submissions(): fc.Arbitrary<Submission> {
  return fc.tuple(triggerActions(), wasmResponses(), envelopes(), bytesOf(65), signatureKinds())
    .map(([triggerAction, operatorResponse, envelope, data, kind]) => ({
      triggerAction,
      operatorResponse,
      eventId: envelope.eventId,
      envelope,
      envelopeSignature: { data, kind },
    }));
}

export function chainConfigs(): fc.Arbitrary<ChainConfig> {
  const evm = record<ChainConfig & { kind: "evm" }>({
    kind: fc.constant("evm"),
    key: chainKeys(fc.constantFrom("evm", "dev")),
    chainId: texts(),
    wsEndpoints: fc.array(fc.webUrl(), { maxLength: 2 }),
    httpEndpoint: optional(fc.webUrl()),
    faucetEndpoint: optional(fc.webUrl()),
    wsPriorityEndpointIndex: optional(fc.nat()),
    reading: record<EvmReading>({
      confirmations: fc.oneof(fc.nat({ max: MAX_U32 }), fc.constantFrom("safe" as const, "finalized" as const)),
      eventTimestamp: fc.constantFrom("provider" as const, "header" as const, "none" as const),
      rpcQuorum: fc.integer({ min: 1, max: MAX_U32 }),
    }),
  });
  const cosmos = record<ChainConfig & { kind: "cosmos" }>({
    kind: fc.constant("cosmos"),
    key: chainKeys(fc.constantFrom("cosmos", "dev")),
    chainId: texts(),
    bech32Prefix: fc.constantFrom("cosmos", "osmo"),
    rpcEndpoint: optional(fc.webUrl()),
    grpcEndpoint: optional(fc.webUrl()),
    gasPrice: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
    gasDenom: texts(),
    faucetEndpoint: optional(fc.webUrl()),
  });
  return fc.oneof(evm, cosmos)
    .map((config) => config.key.startsWith("dev:") ? config : { ...config, chainId: chainIdPart(config.key) });
}
