import assert from "node:assert/strict";
import { encodeAbiParameters, encodeErrorResult, parseAbiParameters, toEventSelector, toFunctionSelector } from "viem";
import { formatAbiParams } from "viem/utils";
import {
  BincodeWriter,
  bytesToBareHex,
  bytesToHex,
  decodeValidateRevert,
  encodeValidate,
  type Hex,
  parseEvmAddress,
  parseSubmission,
  SERVICE_HANDLER_ABI,
  SERVICE_MANAGER_ABI,
  signatureData,
  utf8Bytes,
} from "@/domain/mod.ts";
import { vectors, vectorTest } from "./testing/vectors.ts";

const ABI = [...SERVICE_MANAGER_ABI, ...SERVICE_HANDLER_ABI];

/** Selector and topic by Solidity signature, of everything the node's ABI declares. */
const DECLARED: ReadonlyMap<string, Hex> = new Map(ABI.map((item) => {
  const signature = `${item.name}(${formatAbiParams(item.inputs)})`;
  return [signature, item.type === "event" ? toEventSelector(signature) : toFunctionSelector(signature)];
}));

for (const [signature, selector] of Object.entries(vectors.selectors)) {
  vectorTest("wire.md 4.1 4.2", `selector of ${signature}`, () => assert.equal(DECLARED.get(signature), selector));
}

const { "NewTrigger(bytes)": newTriggerTopic, ...managerTopics } = vectors.topics;

for (const [signature, topic] of Object.entries(managerTopics)) {
  vectorTest("wire.md 4.1", `topic of ${signature}`, () => assert.equal(DECLARED.get(signature), topic));
}

Deno.test("the ABI declares nothing but what the vectors list", () => {
  assert.deepEqual(
    new Set(DECLARED.keys()),
    new Set([...Object.keys(vectors.selectors), ...Object.keys(managerTopics)]),
  );
});

const { data: insufficientQuorum } = vectors.insufficient_quorum_revert;

vectorTest("wire.md 4.1", "revert data of InsufficientQuorum(1, 2, 3)", () => {
  const args = [1n, 2n, 3n] as const;
  const encoded = encodeErrorResult({ abi: SERVICE_MANAGER_ABI, errorName: "InsufficientQuorum", args });
  assert.equal(encoded, insufficientQuorum);
});

vectorTest("wire.md 3.6", "InsufficientQuorum is read from its revert data", () => {
  assert.deepEqual(decodeValidateRevert(insufficientQuorum as Hex), {
    kind: "insufficient_quorum",
    signerWeight: 1n,
    thresholdWeight: 2n,
    totalWeight: 3n,
  });
});

vectorTest("wire.md 3.6", "SignerNotRegistered is read from its revert data", () => {
  assert.deepEqual(decodeValidateRevert("0x3dda1739"), { kind: "signer_not_registered" });
});

Deno.test("other errors of the manager are named, everything else is unknown", () => {
  assert.deepEqual(decodeValidateRevert("0x8baa579f"), { kind: "rejected", error: "InvalidSignature" });
  for (const data of ["0x", "0x86b1", "0x86b16091", "0xdeadbeef"] as const) {
    assert.deepEqual(decodeValidateRevert(data), { kind: "unknown", data }, data);
  }
});

Deno.test("validate takes the same arguments as handleSignedEnvelope", () => {
  const { envelope, envelopeSignature } = parseSubmission(vectors.submission.json);
  const signer = parseEvmAddress(vectors.submission.signer);
  const call = encodeValidate(envelope, signatureData([{ signer, signature: envelopeSignature.data }], 41n));
  assert.equal(call, vectors.submission.handle_signed_envelope_calldata.replace("0xf969ff33", "0xcd71589e"));
});

const MOCK_SELECTORS = [
  ["setOperatorWeight(address,uint256)", "0x0e6b1110"],
  ["setLastCheckpointThresholdWeight(uint256)", "0xfb8524b1"],
  ["setLastCheckpointTotalWeight(uint256)", "0x08fc760a"],
  ["getLastCheckpointThresholdWeight()", "0xb933fa74"],
  ["getLastCheckpointTotalWeight()", "0x314f3a49"],
  ["addTrigger(bytes)", "0xe31e0788"],
  ["getTrigger(uint64)", "0xe328ed77"],
  ["triggersById(uint64)", "0xce289612"],
  ["triggerIdsByCreator(address,uint256)", "0x913b1fbf"],
  ["nextTriggerId()", "0x42227fa4"],
  ["isValidTriggerId(uint64)", "0xaa32d9f4"],
  ["getSignedData(uint64)", "0x78ecfb47"],
  ["getDataWithId(uint64)", "0xc053045e"],
  ["validTriggers(uint64)", "0x26faf60c"],
  ["signedDatas(uint64)", "0x3d821004"],
  ["emitSpam(uint256,uint256)", "0x4be6600c"],
  ["emitInteger(uint256)", "0x1436c8be"],
  ["emitString(string)", "0x2536f127"],
  ["InvalidTriggerId(uint64)", "0x5dfb0494"],
] as const;

for (const [signature, selector] of MOCK_SELECTORS) {
  vectorTest("wire.md 4.7", `selector of ${signature}`, () => assert.equal(toFunctionSelector(signature), selector));
}

const MOCK_TOPICS = [
  ["NewTrigger(bytes)", newTriggerTopic],
  ["EnvelopeHandled(bytes,address[])", "0xd957d5f503921c3bc6f566bcdeca0611fd9a5778734335dbc93f5ce560dfa970"],
  ["Spam(uint256)", "0xd206e705546b2223acf1a54e3a1e00bf9679b2f2fa4c4844d439ad808a95058b"],
  ["IntegerEvent(address,uint256)", "0x61f61a0e95d689e4b3328323fd684d2552c1b434926041b1d498705d54de9c13"],
  ["StringEvent(address,string)", "0x68af03deed590122bd8815795e27f2ed08fbd7fa9b254ef49c999aed780b10fd"],
] as const;

for (const [signature, topic] of MOCK_TOPICS) {
  vectorTest("wire.md 4.7", `topic of ${signature}`, () => assert.equal(toEventSelector(signature), topic));
}

vectorTest("wire.md 4.7", "DataWithId(1, hello)", () => {
  const parameters = parseAbiParameters(["DataWithId value", "struct DataWithId { uint64 triggerId; bytes data; }"]);
  const encoded = encodeAbiParameters(parameters, [{ triggerId: 1n, data: bytesToHex(utf8Bytes("hello")) }]);
  const words = ["20", "1", "40", "5"].map((word) => word.padStart(64, "0"));
  assert.equal(encoded, `0x${words.join("")}${"68656c6c6f".padEnd(64, "0")}`);
});

vectorTest("wire.md 4.7", "MessageWithId(1, hello)", () => {
  const encoded = new BincodeWriter().string("1").bytes(utf8Bytes("hello")).finish();
  assert.equal(bytesToBareHex(encoded), "01310568656c6c6f");
});
