import { decodeErrorResult, decodeFunctionData, encodeFunctionData, parseAbi, toFunctionSelector } from "viem";
import { abiEnvelope } from "./envelope.ts";
import { type EventId, type Hex, parseEventId } from "./ids.ts";
import type { Envelope, SignatureData } from "./submission.ts";

const STRUCTS = [
  "struct Envelope { bytes20 eventId; bytes12 ordering; bytes payload; }",
  "struct SignatureData { address[] signers; bytes[] signatures; uint32 referenceBlock; }",
] as const;

/** The contract that owns a service and judges signatures (spec/wire.md 4.1). */
export const SERVICE_MANAGER_ABI = parseAbi([
  ...STRUCTS,
  "function getOperatorWeight(address operator) view returns (uint256)",
  "function validate(Envelope envelope, SignatureData signatureData) view",
  "function getServiceURI() view returns (string)",
  "function setServiceURI(string _serviceURI)",
  "function getLatestOperatorForSigningKey(address signingKeyAddress) view returns (address)",
  "function getAllocationManager() view returns (address)",
  "function getDelegationManager() view returns (address)",
  "function getStakeRegistry() view returns (address)",
  "event ServiceURIUpdated(string serviceURI)",
  "event QuorumThresholdUpdated(uint256 indexed numerator, uint256 indexed denominator)",
  "error InvalidSignatureLength()",
  "error InvalidSignatureBlock()",
  "error InvalidSignatureOrder()",
  "error InvalidSignature()",
  "error InsufficientQuorumZero()",
  "error InsufficientQuorum(uint256 signerWeight, uint256 thresholdWeight, uint256 totalWeight)",
  "error InvalidQuorumParameters()",
  // Not in the interface: stake registries behind it raise this one.
  "error SignerNotRegistered()",
]);

/** The contract that receives results (spec/wire.md 4.2). */
export const SERVICE_HANDLER_ABI = parseAbi([
  ...STRUCTS,
  "function handleSignedEnvelope(Envelope envelope, SignatureData signatureData)",
  "function getServiceManager() view returns (address)",
]);

/** Why `validate` reverted (spec/wire.md 3.6). */
export type ValidateRevert =
  | {
    readonly kind: "insufficient_quorum";
    readonly signerWeight: bigint;
    readonly thresholdWeight: bigint;
    readonly totalWeight: bigint;
  }
  /** The stake registry does not know the signer yet: it may a block later. */
  | { readonly kind: "signer_not_registered" }
  /** Another error of the interface or of Solidity itself, by its name and, where it has one, its reason. */
  | { readonly kind: "rejected"; readonly error: string }
  | { readonly kind: "unknown"; readonly data: Hex };

/** Reads the revert data of `validate`; what no known error explains is `unknown`, never thrown. */
export function decodeValidateRevert(data: Hex): ValidateRevert {
  const error = decodeKnownError(data);
  if (error === undefined) return { kind: "unknown", data };
  switch (error.errorName) {
    case "InsufficientQuorum": {
      const [signerWeight, thresholdWeight, totalWeight] = error.args;
      return { kind: "insufficient_quorum", signerWeight, thresholdWeight, totalWeight };
    }
    case "SignerNotRegistered":
      return { kind: "signer_not_registered" };
    default: {
      // Solidity's own `Error(string)` and `Panic(uint256)` are read as well; their argument is the reason.
      const [reason]: readonly unknown[] = error.args ?? [];
      return { kind: "rejected", error: reason === undefined ? error.errorName : `${error.errorName}(${reason})` };
    }
  }
}

/** The call data of `handleSignedEnvelope` (spec/wire.md 3.6). */
export function encodeHandleSignedEnvelope(envelope: Envelope, signatures: SignatureData): Hex {
  return encodeFunctionData({
    abi: SERVICE_HANDLER_ABI,
    functionName: "handleSignedEnvelope",
    args: [abiEnvelope(envelope), signatures],
  });
}

const HANDLE_SELECTOR = toFunctionSelector(
  "function handleSignedEnvelope((bytes20,bytes12,bytes),(address[],bytes[],uint32))",
);

/** The event that call data brings to a handler; `undefined` when it is another call or is malformed. */
export function handledEventOf(callData: string): EventId | undefined {
  if (!callData.startsWith(HANDLE_SELECTOR)) return undefined;
  try {
    const { functionName, args } = decodeFunctionData({ abi: SERVICE_HANDLER_ABI, data: callData as Hex });
    return functionName === "handleSignedEnvelope" ? parseEventId(args[0].eventId) : undefined;
  } catch {
    // Anybody may send anything to a contract.
    return undefined;
  }
}

/** The call data of `validate` (spec/wire.md 3.6). */
export function encodeValidate(envelope: Envelope, signatures: SignatureData): Hex {
  return encodeFunctionData({
    abi: SERVICE_MANAGER_ABI,
    functionName: "validate",
    args: [abiEnvelope(envelope), signatures],
  });
}

function decodeKnownError(data: Hex) {
  try {
    return decodeErrorResult({ abi: SERVICE_MANAGER_ABI, data });
  } catch {
    // Not an error of this interface, or cut short: the caller shows the bytes.
    return undefined;
  }
}
