import { bech32 } from "@scure/base";
import { getAddress } from "viem";
import { bytesToHex, hexToBytes, parseHexOfLength } from "./hex.ts";
import type { CosmosAddress, EvmAddress, Hex } from "./ids.ts";
import { invalidText } from "./json/path.ts";
import { MAX_BECH32_CHARS, MAX_COSMOS_ADDRESS_BYTES } from "./limits.ts";

const EVM_ADDRESS = "an EVM address of 40 hex digits";
const COSMOS_ADDRESS = "a bech32 address";
const BECH32_PREFIX = /^[a-z0-9]+$/;

export const ZERO_EVM_ADDRESS = `0x${"00".repeat(20)}` as EvmAddress;

/** Reads 40 hex digits of any case; the checksum of mixed case is not verified (spec/wire.md 1.10). */
export function parseEvmAddress(text: string): EvmAddress {
  return parseHexOfLength(text, 20, EVM_ADDRESS) as EvmAddress;
}

export function evmAddressOf(bytes: Uint8Array): EvmAddress {
  return parseEvmAddress(bytesToHex(bytes));
}

/** EIP-55: how an address is shown to people and in the signer response (spec/wire.md 1.10, 3.1.2). */
export function checksumAddress(address: EvmAddress): Hex {
  return getAddress(address);
}

/**
 * Reads classic bech32 and returns its lower-case form (spec/wire.md 1.10).
 *
 * @throws WavsError `invalid_value`
 */
export function parseCosmosAddress(text: string): CosmosAddress {
  const { prefix, bytes } = decodeBech32(text);
  if (!BECH32_PREFIX.test(prefix) || bytes.length > MAX_COSMOS_ADDRESS_BYTES) throw invalidText(COSMOS_ADDRESS, text);
  return text.toLowerCase() as CosmosAddress;
}

/** @param bytes 20 for accounts, 32 for typical contracts */
export function cosmosAddressOf(prefix: string, bytes: Uint8Array): CosmosAddress {
  return parseCosmosAddress(bech32.encode(prefix, bech32.toWords(bytes), MAX_BECH32_CHARS));
}

/** The human-readable part: `osmo` of `osmo1…`. */
export function cosmosAddressPrefix(address: CosmosAddress): string {
  return address.slice(0, address.lastIndexOf("1"));
}

export function cosmosAddressBytes(address: CosmosAddress): Uint8Array {
  return decodeBech32(address).bytes;
}

export function evmAddressBytes(address: EvmAddress): Uint8Array {
  return hexToBytes(address);
}

function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Uint8Array } {
  try {
    // The library asks for the separator in the type; it checks it itself.
    const { prefix, words } = bech32.decode(text as `${string}1${string}`, MAX_BECH32_CHARS);
    return { prefix, bytes: bech32.fromWords(words) };
  } catch (cause) {
    throw invalidText(COSMOS_ADDRESS, text, cause);
  }
}
