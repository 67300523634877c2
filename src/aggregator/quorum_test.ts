import assert from "node:assert/strict";
import { encodeErrorResult, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  envelopeDigest,
  hexToBytes,
  isWavsError,
  parseEventId,
  parseEventOrder,
  parseEvmAddress,
  SERVICE_MANAGER_ABI,
  type WavsSignature,
} from "@/domain/mod.ts";
import { outcomeOfRevert, signersOf } from "./quorum.ts";

const MANAGER = parseEvmAddress("11".repeat(20));
const ENVELOPE = {
  eventId: parseEventId("01".repeat(20)),
  ordering: parseEventOrder("00".repeat(12)),
  payload: new Uint8Array([1, 2, 3]),
};
const KIND = { algorithm: "secp256k1", prefix: "eip191" } as const;

async function signatureOf(key: number): Promise<{ signer: string; signature: WavsSignature }> {
  const account = privateKeyToAccount(`0x${String(key).padStart(64, "0")}`);
  const data = await account.signMessage({ message: { raw: envelopeDigest(ENVELOPE) } });
  return { signer: account.address.toLowerCase(), signature: { data: hexToBytes(data), kind: KIND } };
}

Deno.test("signers are recovered from their signatures, each once", async () => {
  const [first, second] = await Promise.all([signatureOf(1), signatureOf(2)]);
  const signers = signersOf(ENVELOPE, [first.signature, second.signature, first.signature]);
  assert.deepEqual(signers.map(({ signer }) => signer), [first.signer, second.signer]);
});

Deno.test("a signature nobody could have made is refused", () => {
  const signature = { data: new Uint8Array(65), kind: KIND };
  assert.throws(() => signersOf(ENVELOPE, [signature]), (error) => isWavsError(error, "invalid_signature"));
});

Deno.test("an insufficient quorum is an outcome with its weights", () => {
  const data = encodeErrorResult({ abi: SERVICE_MANAGER_ABI, errorName: "InsufficientQuorum", args: [1n, 2n, 3n] });
  const weights = { signerWeight: 1n, thresholdWeight: 2n, totalWeight: 3n };
  assert.deepEqual(outcomeOfRevert(data, MANAGER), { kind: "insufficient", ...weights });
});

Deno.test("signers without weight and signers nobody knows are outcomes", () => {
  const nothing = { signerWeight: 0n, thresholdWeight: 0n, totalWeight: 0n };
  assert.deepEqual(outcomeOfRevert("0x2f41f79b", MANAGER), { kind: "insufficient", ...nothing });
  assert.deepEqual(outcomeOfRevert("0x3dda1739", MANAGER), { kind: "signer_not_registered" });
});

Deno.test("every other revert is an error, retryable only when the chain is behind", () => {
  const reverts: readonly (readonly [Hex, string, boolean])[] = [
    ["0x4be6321b", "InvalidSignatureLength", false],
    ["0x898deb1d", "InvalidSignatureBlock", true],
    ["0x139f3c92", "InvalidSignatureOrder", false],
    ["0x8baa579f", "InvalidSignature", false],
    ["0xcc0d6871", "InvalidQuorumParameters", false],
    ["0xdeadbeef", "0xdeadbeef", false],
    ["0x", "0x", false],
  ];
  for (const [data, reason, retryable] of reverts) {
    assert.throws(
      () => outcomeOfRevert(data, MANAGER),
      (error) =>
        isWavsError(error, "validation_rejected") && error.retryable === retryable && error.message.includes(reason),
      reason,
    );
  }
});
