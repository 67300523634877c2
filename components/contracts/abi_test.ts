import assert from "node:assert/strict";
import { type Abi, toEventSelector, toFunctionSelector } from "viem";
import { envelopeStore, logSpam, simpleSubmit, simpleTrigger, weightedServiceManager } from "./mod.ts";

/** Name to selector of every function and error, and to topic 0 of every event. */
function selectors(abi: Abi): Record<string, string> {
  return Object.fromEntries(abi.flatMap((item) => {
    switch (item.type) {
      case "function":
        return [[item.name, toFunctionSelector(item)]];
      case "event":
        return [[item.name, toEventSelector(item)]];
      case "error":
        return [[item.name, toFunctionSelector({ ...item, type: "function", stateMutability: "view", outputs: [] })]];
      case "constructor":
      case "fallback":
      case "receive":
        return [];
    }
  }));
}

function assertHas(abi: Abi, expected: Readonly<Record<string, string>>): void {
  const actual = selectors(abi);
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, actual[name]]));
  assert.deepEqual(found, expected);
}

Deno.test("service manager has the selectors and topics of spec/wire.md 4.1", () => {
  assertHas(weightedServiceManager.abi, {
    getOperatorWeight: "0x98ec1ac9",
    validate: "0xcd71589e",
    getServiceURI: "0xcc922c6a",
    setServiceURI: "0x5f11301b",
    getLatestOperatorForSigningKey: "0xac7cbfd9",
    getAllocationManager: "0xa28efd6b",
    getDelegationManager: "0xb24e5a3a",
    getStakeRegistry: "0xbef4c839",
    ServiceURIUpdated: "0xd2f056df94c31bdb3b4e16080f2ac6dbd4233c6001058d94afc3ad1242dff488",
    QuorumThresholdUpdated: "0xc33728fb6bc64ec1c5596c946e1406ccdfb7369404098c1d6a5f4a7a29c97b63",
    InvalidSignatureLength: "0x4be6321b",
    InvalidSignatureBlock: "0x898deb1d",
    InvalidSignatureOrder: "0x139f3c92",
    InvalidSignature: "0x8baa579f",
    InsufficientQuorumZero: "0x2f41f79b",
    InsufficientQuorum: "0x86b16091",
    InvalidQuorumParameters: "0xcc0d6871",
    SignerNotRegistered: "0x3dda1739",
  });
});

Deno.test("service manager names its weight setter and getters as spec/wire.md 4.7 does", () => {
  assertHas(weightedServiceManager.abi, {
    setOperatorWeight: "0x0e6b1110",
    getLastCheckpointThresholdWeight: "0xb933fa74",
    getLastCheckpointTotalWeight: "0x314f3a49",
  });
});

Deno.test("handlers have the selectors of spec/wire.md 4.2", () => {
  for (const { abi } of [simpleSubmit, envelopeStore]) {
    assertHas(abi, { handleSignedEnvelope: "0xf969ff33", getServiceManager: "0x4dda0b43" });
  }
});

Deno.test("sample contracts have the selectors and topics of spec/wire.md 4.7", () => {
  assertHas(simpleSubmit.abi, {
    isValidTriggerId: "0xaa32d9f4",
    getSignedData: "0x78ecfb47",
    getDataWithId: "0xc053045e",
    validTriggers: "0x26faf60c",
    signedDatas: "0x3d821004",
  });
  assertHas(envelopeStore.abi, {
    EnvelopeHandled: "0xd957d5f503921c3bc6f566bcdeca0611fd9a5778734335dbc93f5ce560dfa970",
  });
  assertHas(simpleTrigger.abi, {
    addTrigger: "0xe31e0788",
    getTrigger: "0xe328ed77",
    triggersById: "0xce289612",
    triggerIdsByCreator: "0x913b1fbf",
    nextTriggerId: "0x42227fa4",
    NewTrigger: "0x86eacd23610d81706516de1ed0476c87772fdf939c7c771fbbd7f0230d619e68",
  });
  assertHas(logSpam.abi, {
    emitSpam: "0x4be6600c",
    Spam: "0xd206e705546b2223acf1a54e3a1e00bf9679b2f2fa4c4844d439ad808a95058b",
  });
});
