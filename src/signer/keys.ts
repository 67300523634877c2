import { mnemonicToSeedSync, validateMnemonic } from "@scure/bip39";
import { english, HDKey, privateKeyToAddress } from "viem/accounts";
import { bytesToHex, type EvmAddress, type Hex, parseEvmAddress, WavsError } from "@/domain/mod.ts";
import { MAX_CACHED_KEYS, MAX_HD_INDEX } from "./limits.ts";

/** The account all keys are children of (spec/wire.md 3.1). */
const ACCOUNT_PATH = "m/44'/60'/0'/0";

/** The index of the transaction key in a mnemonic; signing keys start above it. */
const TRANSACTION_HD_INDEX = 0;

const PRIVATE_KEY = /^0x[0-9a-fA-F]{64}$/;

/** A private key and the address it signs for. A private field keeps it out of logs, JSON and inspectors. */
export class SigningKey {
  readonly address: EvmAddress;
  readonly #privateKey: Hex;

  /** @throws whatever the curve says of a number that is no key; the caller must not pass that on, it may quote it */
  constructor(privateKey: Hex) {
    this.#privateKey = privateKey;
    this.address = parseEvmAddress(privateKeyToAddress(privateKey));
  }

  use<Result>(sign: (privateKey: Hex) => Result): Result {
    return sign(this.#privateKey);
  }
}

/** The keys operators sign envelopes with, one per service, all from one mnemonic. */
export class OperatorKeys {
  readonly #account: HDKey;
  /** Least recently used first. */
  readonly #cache = new Map<number, SigningKey>();

  /** @throws WavsError `invalid_mnemonic` */
  constructor(signingMnemonic: string) {
    this.#account = accountOf(signingMnemonic, "signing_mnemonic");
  }

  /** @throws WavsError `invalid_hd_index` when `hdIndex` is below 1 or no index at all (spec/wire.md 3.1) */
  at(hdIndex: number): SigningKey {
    if (!Number.isInteger(hdIndex) || hdIndex <= TRANSACTION_HD_INDEX || hdIndex > MAX_HD_INDEX) {
      throw new WavsError("invalid_hd_index", {
        message: `Cannot derive signing key "${hdIndex}" because indexes go from 1 to ${MAX_HD_INDEX}`,
        retryable: false,
      });
    }
    const key = this.#cache.get(hdIndex) ?? childOf(this.#account, hdIndex);
    this.#cache.delete(hdIndex);
    this.#cache.set(hdIndex, key);
    if (this.#cache.size > MAX_CACHED_KEYS) this.#forgetOldest();
    return key;
  }

  #forgetOldest(): void {
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined) this.#cache.delete(oldest);
  }
}

/**
 * The key transactions are signed with: `0x` and 32 bytes, or key 0 of a mnemonic (spec/wire.md 3.1).
 *
 * @throws WavsError `invalid_private_key`, `invalid_mnemonic`
 */
export function transactionKeyOf(credential: string): SigningKey {
  const trimmed = credential.trim();
  if (!trimmed.startsWith("0x")) return childOf(accountOf(trimmed, "aggregator_evm_credential"), TRANSACTION_HD_INDEX);
  try {
    if (PRIVATE_KEY.test(trimmed)) return new SigningKey(trimmed.toLowerCase() as Hex);
  } catch {
    // The reason would name the number; falls through to the sentence that does not.
  }
  throw new WavsError("invalid_private_key", {
    message: `Cannot use "aggregator_evm_credential" because "0x" must be followed by a private key of 64 hex digits`,
    retryable: false,
  });
}

/** Nothing thrown here has a cause or quotes its input: words of a mistyped mnemonic are still secret. */
function accountOf(mnemonic: string, configKey: string): HDKey {
  const words = mnemonic.trim().split(/\s+/).join(" ");
  if (!validateMnemonic(words, english)) {
    throw new WavsError("invalid_mnemonic", {
      message:
        `Cannot use "${configKey}" because it is not a BIP-39 mnemonic of 12 to 24 English words with a right checksum`,
      retryable: false,
    });
  }
  return HDKey.fromMasterSeed(mnemonicToSeedSync(words)).derive(ACCOUNT_PATH);
}

function childOf(account: HDKey, index: number): SigningKey {
  const { privateKey } = account.deriveChild(index);
  // BIP-32: a derivation fails for one index in 2^127.
  if (privateKey === null) {
    throw new WavsError("invalid_hd_index", {
      message: `Cannot derive key "${index}" because the mnemonic has none there`,
      retryable: false,
    });
  }
  return new SigningKey(bytesToHex(privateKey));
}
