import { type Address, concat, encodeAbiParameters, type Hex, keccak256, numberToHex, pad, parseSignature } from "viem";
import type { LocalAccount } from "viem/accounts";

/** An envelope as viem passes it to a contract (spec/wire.md 3.2). */
export interface EnvelopeArgument {
  readonly eventId: Hex;
  readonly ordering: Hex;
  readonly payload: Hex;
}

/** Signatures as viem passes them to a contract (spec/wire.md 3.5). */
export interface SignatureDataArgument {
  readonly signers: readonly Address[];
  readonly signatures: readonly Hex[];
  readonly referenceBlock: number;
}

const ENVELOPE = [{
  type: "tuple",
  components: [
    { name: "eventId", type: "bytes20" },
    { name: "ordering", type: "bytes12" },
    { name: "payload", type: "bytes" },
  ],
}] as const;

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** An unordered envelope for event number `event`. */
export function makeEnvelope(event: number, payload: Hex): EnvelopeArgument {
  return { eventId: numberToHex(event, { size: 20 }), ordering: numberToHex(0, { size: 12 }), payload };
}

/** The digest operators sign (spec/wire.md 3.2). */
export function envelopeDigest(envelope: EnvelopeArgument): Hex {
  return keccak256(encodeAbiParameters(ENVELOPE, [envelope]));
}

/** The EIP-191 signature of one operator (spec/wire.md 3.3). */
export function signEnvelope(account: LocalAccount, envelope: EnvelopeArgument): Promise<Hex> {
  return account.signMessage({ message: { raw: envelopeDigest(envelope) } });
}

/** Every account's signature, signers ascending. */
export async function signatureData(
  accounts: readonly LocalAccount[],
  envelope: EnvelopeArgument,
  referenceBlock: bigint,
): Promise<SignatureDataArgument> {
  const ascending = accounts.toSorted((a, b) => BigInt(a.address) < BigInt(b.address) ? -1 : 1);
  return {
    signers: ascending.map((account) => account.address),
    signatures: await Promise.all(ascending.map((account) => signEnvelope(account, envelope))),
    referenceBlock: Number(referenceBlock),
  };
}

/** The mirror image of a signature: valid on the curve, with high s, and made without the key. */
export function mirrorSignature(signature: Hex): Hex {
  const { r, s, yParity } = parseSignature(signature);
  return concat([r, pad(numberToHex(CURVE_ORDER - BigInt(s)), { size: 32 }), numberToHex(28 - yParity)]);
}

/** The same signature with another last byte. */
export function withV(signature: Hex, v: number): Hex {
  return concat([signature.slice(0, -2) as Hex, numberToHex(v, { size: 1 })]);
}
