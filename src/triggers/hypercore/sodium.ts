import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import sodium from "sodium-universal";

/**
 * Completes the JavaScript sodium that stands in for the native one (`overrides` in package.json): it lacks the scalar
 * multiplication of the Noise handshake, and its signatures take 250 times as long as those of the runtime. Imported
 * before anything that reads sodium's functions.
 */
interface Sodium {
  crypto_scalarmult_ed25519_BYTES: number;
  crypto_scalarmult_ed25519_SCALARBYTES: number;
  /** @throws Error when `point` is none, or of a small order */
  crypto_scalarmult_ed25519_noclamp(out: Uint8Array, scalar: Uint8Array, point: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

/** What stands before the 32 bytes of a key in its DER form. */
const PUBLIC_KEY_HEADER = Buffer.from("302a300506032b6570032100", "hex");
const PRIVATE_KEY_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

const { Point } = ed25519;

Object.assign(
  sodium as Sodium,
  {
    crypto_scalarmult_ed25519_BYTES: 32,
    crypto_scalarmult_ed25519_SCALARBYTES: 32,
    crypto_scalarmult_ed25519_noclamp: (out, scalar, point) => {
      const from = Point.fromBytes(new Uint8Array(point));
      if (from.is0() || !from.isTorsionFree()) throw new Error("the point is of a small order");
      out.set(from.multiply(littleEndian(scalar) % Point.Fn.ORDER).toBytes());
    },
    crypto_sign_detached: (signature, message, secretKey) => {
      const der = Buffer.concat([PRIVATE_KEY_HEADER, secretKey.subarray(0, 32)]);
      signature.set(sign(null, message, createPrivateKey({ key: der, format: "der", type: "pkcs8" })));
    },
    crypto_sign_verify_detached: (signature, message, publicKey) => {
      try {
        return verify(null, message, publicKeyOf(publicKey), signature);
      } catch {
        // What is no key or no signature signs nothing.
        return false;
      }
    },
  } satisfies Sodium,
);

function publicKeyOf(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_KEY_HEADER, bytes]), format: "der", type: "spki" });
}

/** A clamped scalar has its highest bit free, which sodium ignores. */
function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte, index) => (sum << 8n) | BigInt(index === 31 ? byte & 127 : byte), 0n);
}
