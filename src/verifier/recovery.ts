import { instantiateSecp256k1 } from "@bitauth/libauth/build/lib/crypto/secp256k1.js";
import {
  addressOfPublicKey,
  type Bytes32,
  canonicalSignature,
  type EvmAddress,
  hexToBytes,
  recoveryIdOf,
  WavsError,
} from "@/domain/mod.ts";

/** Who signed a hash, and the signature in its canonical form. */
export interface Recovered {
  readonly signer: EvmAddress;
  /** 65 bytes, low s, v = 27 or 28. */
  readonly signature: Uint8Array;
}

/** Takes every spelling that spec/wire.md 3.4 allows. @throws WavsError `invalid_signature` */
export type RecoverSigner = (hash: Bytes32, signature: Uint8Array) => Recovered;

const SCALARS_BYTES = 64;

/** Loads libsecp256k1 as WebAssembly: some milliseconds, once per isolate, without any permission. */
export async function loadRecovery(): Promise<RecoverSigner> {
  const secp256k1 = await instantiateSecp256k1();
  return (hash, given) => {
    const signature = canonicalSignature(given);
    const scalars = signature.subarray(0, SCALARS_BYTES);
    const publicKey = secp256k1.recoverPublicKeyUncompressed(scalars, recoveryIdOf(signature), hexToBytes(hash));
    if (typeof publicKey === "string") {
      throw new WavsError("invalid_signature", {
        message: "Cannot recover the signer of a signature because no public key fits it",
        retryable: false,
      });
    }
    return { signer: addressOfPublicKey(publicKey), signature };
  };
}
