import { checksumAddress, parseEvmAddress } from "./address.ts";
import type { EvmAddress } from "./ids.ts";
import { type Decoder, jsonObject, type JsonValue, mapped, object, parsed, tagged, u32 } from "./json/mod.ts";

/** The key a service signs with (spec/wire.md 3.1.2). */
export interface SignerResponse {
  readonly hdIndex: number;
  readonly address: EvmAddress;
}

export const decodeSignerResponse: Decoder<SignerResponse> = tagged<SignerResponse>({
  secp256k1: mapped(
    object({ hd_index: u32, evm_address: parsed(parseEvmAddress) }),
    ({ hd_index, evm_address }) => ({ hdIndex: hd_index, address: evm_address }),
  ),
});

/** The address is written with its checksum here, unlike everywhere else in JSON (spec/wire.md 3.1.2). */
export function encodeSignerResponse(response: SignerResponse): JsonValue {
  return jsonObject({
    secp256k1: jsonObject({ hd_index: BigInt(response.hdIndex), evm_address: checksumAddress(response.address) }),
  });
}
