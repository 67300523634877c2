import type { Envelope, EvmAddress, SignatureKind, SignedTransaction, UnsignedTransaction } from "@/domain/mod.ts";

export interface SignEnvelopeRequest {
  /** `m/44'/60'/0'/0/{hdIndex}` of the signing mnemonic, at least 1 (spec/wire.md 3.1). */
  readonly hdIndex: number;
  readonly envelope: Envelope;
  readonly kind: SignatureKind;
}

export interface EnvelopeSignature {
  readonly signer: EvmAddress;
  /** 65 bytes `r || s || v` (spec/wire.md 3.3). */
  readonly signature: Uint8Array;
}

/** What the signer worker serves: the only holder of private keys. It answers these four questions and no other. */
export interface SignerApi {
  signEnvelope(request: SignEnvelopeRequest): EnvelopeSignature;
  operatorAddress(hdIndex: number): EvmAddress;
  /** Signs with the aggregator's key; fails with `no_aggregator_credential` when none is configured. */
  signTransaction(transaction: UnsignedTransaction): SignedTransaction;
  /** The address transactions are sent from; `undefined` when no credential is configured. */
  transactionAddress(argument: undefined): EvmAddress | undefined;
}

export interface SignerBoot {
  readonly signingMnemonic: string;
  /** A mnemonic (key 0 of it is used) or `0x` and a private key (spec/wire.md 3.1). */
  readonly aggregatorEvmCredential: string | undefined;
}
