import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { evmAddressOf } from "./address.ts";
import { envelopeDigest, signingHash } from "./envelope.ts";
import { WavsError } from "./errors.ts";
import { bytesToHex, hexToBytes } from "./hex.ts";
import type { Bytes32, EvmAddress } from "./ids.ts";
import type { Envelope, SignatureData, WavsSignature } from "./submission.ts";
import { compareUtf8 } from "./utf8.ts";

/** `r || s || v` */
const SIGNATURE_BYTES = 65;
const FIRST_EIP155_V = 35;

/**
 * Who signed a hash (spec/wire.md 3.4).
 *
 * High-s signatures are normalised first, so both forms of one signature name the same signer.
 *
 * @param hash from `signingHash`
 * @param signature 65 bytes `r || s || v`
 * @throws WavsError `invalid_signature`
 */
export function recoverSigner(hash: Bytes32, signature: Uint8Array): EvmAddress {
  if (signature.length !== SIGNATURE_BYTES) {
    throw invalidSignature(`it has ${signature.length} bytes, not ${SIGNATURE_BYTES}`);
  }
  const parity = parityOf(signature[SIGNATURE_BYTES - 1] ?? 0);
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.slice(0, SIGNATURE_BYTES - 1), "compact");
    const lowS = parsed.hasHighS()
      ? new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s), 1 - parity)
      : parsed.addRecoveryBit(parity);
    return addressOfPublicKey(lowS.recoverPublicKey(hexToBytes(hash)).toBytes(false));
  } catch (cause) {
    throw invalidSignature("no public key fits it", cause);
  }
}

/** {@link recoverSigner} for an envelope: the hash is the one the signature's own kind names. */
export function recoverEnvelopeSigner(envelope: Envelope, signature: WavsSignature): EvmAddress {
  return recoverSigner(signingHash(envelopeDigest(envelope), signature.kind), signature.data);
}

/** @param publicKey uncompressed, 65 bytes */
export function addressOfPublicKey(publicKey: Uint8Array): EvmAddress {
  return evmAddressOf(keccak_256(publicKey.subarray(1)).subarray(-20));
}

/** One signature of a queue with the signer recovered from it. */
export interface SignedBy {
  readonly signer: EvmAddress;
  /** 65 bytes. */
  readonly signature: Uint8Array;
}

/**
 * The signatures as the contracts take them, signers ascending (spec/wire.md 3.5).
 *
 * @param referenceBlock the block before the target chain's latest; its low 32 bits count
 */
export function signatureData(entries: readonly SignedBy[], referenceBlock: bigint): SignatureData {
  // Lower-case hex of equal length orders as the integers do.
  const ascending = [...entries].sort((left, right) => compareUtf8(left.signer, right.signer));
  return {
    signers: ascending.map(({ signer }) => signer),
    signatures: ascending.map(({ signature }) => bytesToHex(signature)),
    referenceBlock: Number(BigInt.asUintN(32, referenceBlock)),
  };
}

function parityOf(v: number): 0 | 1 {
  if (v === 0 || v === 27) return 0;
  if (v === 1 || v === 28) return 1;
  if (v >= FIRST_EIP155_V) return (v - FIRST_EIP155_V) % 2 === 0 ? 0 : 1;
  throw invalidSignature(`its last byte is ${v}, which names no parity`);
}

function invalidSignature(reason: string, cause?: unknown): WavsError {
  return new WavsError("invalid_signature", {
    message: `Cannot recover the signer of a signature because ${reason}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
