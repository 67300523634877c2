export { highest } from "./bigint.ts";
export type { Branded } from "./brand.ts";
export {
  checksumAddress,
  cosmosAddressBytes,
  cosmosAddressOf,
  cosmosAddressPrefix,
  evmAddressBytes,
  evmAddressOf,
  parseCosmosAddress,
  parseEvmAddress,
  ZERO_EVM_ADDRESS,
} from "./address.ts";
export {
  decodeAggregatorAction,
  decodeSubmitTarget,
  encodeAggregatorAction,
  encodeSubmitTarget,
} from "./aggregator_action_json.ts";
export { BincodeWriter } from "./bincode.ts";
export {
  type ChainConfig,
  type CosmosChainConfig,
  type EvmChainConfig,
  type EvmReading,
  REFERENCE_READING,
} from "./chain_config.ts";
export {
  checkChainConfigKey,
  decodeChainConfigFor,
  decodeChainConfigs,
  encodeChainConfig,
  encodeChainConfigs,
} from "./chain_config_json.ts";
export {
  decodeComponent,
  decodeComponentSource,
  decodePermissions,
  encodeComponent,
  encodeComponentSource,
  encodePermissions,
} from "./component_json.ts";
export {
  decodeValidateRevert,
  encodeHandleSignedEnvelope,
  encodeValidate,
  handledEventOf,
  SERVICE_HANDLER_ABI,
  SERVICE_MANAGER_ABI,
  type ValidateRevert,
} from "./contracts.ts";
export {
  type CosmosValidateResult,
  decodeCosmosValidateResult,
  encodeCosmosHandleSignedEnvelope,
  encodeCosmosValidateQuery,
} from "./cosmos_messages.ts";
export { componentDigestOf, serviceDigestOf, serviceIdOf } from "./digests.ts";
export {
  type AbiEnvelope,
  abiEnvelope,
  encodeEnvelope,
  envelopeDigest,
  envelopeOf,
  sameEnvelope,
  signingHash,
} from "./envelope.ts";
export {
  describeError,
  deserializeError,
  type ErrorMeta,
  isWavsError,
  type SerializedError,
  serializeError,
  WavsError,
  type WavsErrorOptions,
} from "./errors.ts";
export { eventIdOf, type EventIdOptions, eventSalt, triggerDataSalt } from "./event_id.ts";
export { eventOrderOf } from "./event_order.ts";
export { bytesToBareHex, bytesToHex, hexToBytes, parseHex, withoutPrefix } from "./hex.ts";
export {
  type Bytes32,
  chainIdPart,
  type ChainKey,
  chainKeyOf,
  chainNamespace,
  compareChainKeys,
  type ComponentDigest,
  type CosmosAddress,
  DEFAULT_WORKFLOW_ID,
  type EventId,
  type EventOrder,
  type EvmAddress,
  type Hex,
  parseBytes32,
  parseChainKey,
  parseComponentDigest,
  parseEventId,
  parseEventOrder,
  parseServiceDigest,
  parseServiceId,
  parseWorkflowId,
  type ServiceDigest,
  type ServiceId,
  type TimestampNs,
  timestampNs,
  type WorkflowId,
} from "./ids.ts";
export * as decode from "./json/decode.ts";
export {
  canonicalJson,
  type Decoder,
  describePath,
  invalidAt,
  invalidText,
  isJsonArray,
  isJsonObject,
  jsonMap,
  type JsonObject,
  jsonObject,
  type JsonPath,
  type JsonValue,
  parseJson,
  parseJsonBytes,
  type ParseJsonOptions,
  printJson,
} from "./json/mod.ts";
export { type GossipMessage, gossipMessageId, type PeerMultihash } from "./message_id.ts";
export { newRegistryChannel, type RegistryChannel, type RegistrySnapshot, type WatchedService } from "./registry.ts";
export { decodeBytes32, decodeCosmosAddress, decodeEvmAddress, decodeTimestampNs } from "./scalar_json.ts";
export { decodeSignerResponse, encodeSignerResponse, type SignerResponse } from "./signer_response.ts";
export {
  addressOfPublicKey,
  canonicalSignature,
  recoverEnvelopeSigner,
  recoverSigner,
  recoveryIdOf,
  signatureData,
  type SignedBy,
} from "./signature.ts";
export type {
  AllowedHosts,
  Component,
  ComponentSource,
  Permissions,
  Service,
  ServiceManager,
  ServiceStatus,
  SignatureKind,
  Submit,
  Workflow,
} from "./service.ts";
export {
  decodeService,
  decodeServiceManager,
  decodeSignatureKind,
  decodeSubmit,
  decodeWorkflow,
  encodeService,
  encodeServiceManager,
  encodeSignatureKind,
  encodeSubmit,
  encodeWorkflow,
  parseService,
  printService,
} from "./service_json.ts";
export type {
  AggregatorAction,
  AggregatorInput,
  Envelope,
  SignatureData,
  Submission,
  SubmitTarget,
  TimerAction,
  TxResult,
  WasmResponse,
  WavsSignature,
} from "./submission.ts";
export {
  decodeAggregatorInput,
  decodeEnvelope,
  decodeSubmission,
  decodeWasmResponse,
  decodeWavsSignature,
  encodeAggregatorInput,
  encodeEnvelopeJson,
  encodeSubmission,
  encodeWasmResponse,
  encodeWavsSignature,
  parseSubmission,
  printSubmission,
} from "./submission_json.ts";
export type {
  Landing,
  SignedTransaction,
  SubmitOutcome,
  TransactionRow,
  Turn,
  UnsignedTransaction,
} from "./transaction.ts";
export type { AtProtoAction, CosmosEvent, Trigger, TriggerAction, TriggerConfig, TriggerData } from "./trigger.ts";
export {
  decodeAtProtoAction,
  decodeTrigger,
  decodeTriggerConfig,
  encodeTrigger,
  encodeTriggerConfig,
} from "./trigger_json.ts";
export { decodeTriggerAction, decodeTriggerData, encodeTriggerAction, encodeTriggerData } from "./trigger_data_json.ts";
export { compareUtf8, sortedUtf8, utf8Bytes } from "./utf8.ts";
