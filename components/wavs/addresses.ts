import { fromHex } from "./text.ts";
import type { EvmAddress } from "./types.ts";

const EVM_ADDRESS_BYTES = 20;

/**
 * An address of 40 hex digits with or without `0x`, in any case.
 *
 * @param what it is the address of, for the message
 * @throws Error `Failed to parse <what> address: …`
 */
export function parseEvmAddress(text: string, what: string): EvmAddress {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  try {
    const rawBytes = fromHex(digits);
    if (rawBytes.length !== EVM_ADDRESS_BYTES) throw new Error("invalid string length");
    return { rawBytes };
  } catch (error) {
    throw new Error(`Failed to parse ${what} address: ${error instanceof Error ? error.message : error}`);
  }
}
