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
const SCALAR_BYTES = 32;
const CURVE_ORDER = secp256k1.Point.CURVE().n;
const FIRST_CANONICAL_V = 27;
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
  const canonical = canonicalSignature(signature);
  try {
    const recoverable = secp256k1.Signature.fromBytes(canonical.slice(0, SIGNATURE_BYTES - 1), "compact")
      .addRecoveryBit(recoveryIdOf(canonical));
    return addressOfPublicKey(recoverable.recoverPublicKey(hexToBytes(hash)).toBytes(false));
  } catch (cause) {
    throw invalidSignature("no public key fits it", cause);
  }
}

/**
 * The one form of a signature that contracts take: low s, v = 27 or 28. Every form that names the same signer has the
 * same canonical one, so a signature somebody else respelled counts as what it was made from (spec/wire.md 3.4).
 *
 * @param signature 65 bytes `r || s || v`
 * @throws WavsError `invalid_signature`
 */
export function canonicalSignature(signature: Uint8Array): Uint8Array {
  if (signature.length !== SIGNATURE_BYTES) {
    throw invalidSignature(`it has ${signature.length} bytes, not ${SIGNATURE_BYTES}`);
  }
  const parity = parityOf(signature[SIGNATURE_BYTES - 1] ?? 0);
  const s = BigInt(`0x${signature.subarray(SCALAR_BYTES, 2 * SCALAR_BYTES).toHex()}`);
  if (s === 0n || s >= CURVE_ORDER) throw invalidSignature("its s is outside the order of the curve");
  const isHigh = s > CURVE_ORDER / 2n;
  const canonical = signature.slice();
  if (isHigh) canonical.set(hexToBytes((CURVE_ORDER - s).toString(16).padStart(2 * SCALAR_BYTES, "0")), SCALAR_BYTES);
  canonical[SIGNATURE_BYTES - 1] = FIRST_CANONICAL_V + (isHigh ? 1 - parity : parity);
  return canonical;
}

/** Which of the two points with the signature's r was meant; of a canonical signature. */
export function recoveryIdOf(canonical: Uint8Array): 0 | 1 {
  return canonical[SIGNATURE_BYTES - 1] === FIRST_CANONICAL_V ? 0 : 1;
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
