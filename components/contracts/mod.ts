/**
 * The compiled sample contracts, ready for viem: ABIs are literal types, so calls are checked at compile time.
 *
 * Sources are in `src/`; `deno task build:contracts` regenerates what is imported here.
 */
import {
  envelopeStoreAbi,
  logSpamAbi,
  simpleSubmitAbi,
  simpleTriggerAbi,
  weightedServiceManagerAbi,
} from "./artifacts/abi.ts";
import envelopeStoreArtifact from "./artifacts/EnvelopeStore.json" with { type: "json" };
import logSpamArtifact from "./artifacts/LogSpam.json" with { type: "json" };
import simpleSubmitArtifact from "./artifacts/SimpleSubmit.json" with { type: "json" };
import simpleTriggerArtifact from "./artifacts/SimpleTrigger.json" with { type: "json" };
import weightedServiceManagerArtifact from "./artifacts/WeightedServiceManager.json" with { type: "json" };

/** What a deployment needs. */
export interface Contract<Abi> {
  readonly abi: Abi;
  /** Creation code without constructor arguments. */
  readonly bytecode: `0x${string}`;
}

/** Weighted ECDSA quorum; constructor `(uint256 numerator, uint256 denominator)`. */
export const weightedServiceManager = contract(weightedServiceManagerAbi, weightedServiceManagerArtifact.bytecode);

/** Handler for payloads of shape `DataWithId`; constructor `(address serviceManager)`. */
export const simpleSubmit = contract(simpleSubmitAbi, simpleSubmitArtifact.bytecode);

/** Handler for bare payloads; constructor `(address serviceManager)`. */
export const envelopeStore = contract(envelopeStoreAbi, envelopeStoreArtifact.bytecode);

/** Emits numbered triggers. */
export const simpleTrigger = contract(simpleTriggerAbi, simpleTriggerArtifact.bytecode);

/** Emits as many logs as asked for. */
export const logSpam = contract(logSpamAbi, logSpamArtifact.bytecode);

function contract<const Abi>(abi: Abi, bytecode: string): Contract<Abi> {
  // JSON imports have no literal types; that the text is hex is the compiler's contract.
  return { abi, bytecode: bytecode as `0x${string}` };
}
