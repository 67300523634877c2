/**
 * The WIT types of `wavs:types`, `wavs:operator` and `wavs:aggregator` as the component runtime takes and gives them
 * (spec/engine.md 1.2): records are camelCase objects, variants `{ tag, val }`, none is `undefined`, u64 is bigint.
 */

export interface WitVariant<Tag extends string = string, Value = unknown> {
  readonly tag: Tag;
  readonly val?: Value;
}

/** `result<_, string>` and the like, as an export answers it. */
export type WitResult<Ok> =
  | { readonly tag: "ok"; readonly val: Ok }
  | { readonly tag: "err"; readonly val: string };

/** `u128` as `tuple<u64, u64>`: low half first. */
export interface WitU128 {
  readonly value: readonly [bigint, bigint];
}

export interface WitEvmAddress {
  readonly rawBytes: Uint8Array;
}

export interface WitCosmosAddress {
  readonly bech32Addr: string;
  /** Bytes of the human prefix; the separator is not counted. */
  readonly prefixLen: number;
}

export interface WitWasmResponse {
  readonly payload: Uint8Array;
  readonly ordering: bigint | undefined;
  readonly eventIdSalt: Uint8Array | undefined;
}

export interface WitSubmitTarget<Address> {
  readonly chain: string;
  readonly address: Address;
  readonly gasPrice: WitU128 | undefined;
}

export type WitSubmitAction =
  | { readonly tag: "evm"; readonly val: WitSubmitTarget<WitEvmAddress> }
  | { readonly tag: "cosmos"; readonly val: WitSubmitTarget<WitCosmosAddress> };

export type WitAggregatorAction =
  | { readonly tag: "timer"; readonly val: { readonly delay: { readonly secs: bigint } } }
  | { readonly tag: "submit"; readonly val: WitSubmitAction };
