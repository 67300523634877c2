import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { cosmosAddressBytes, evmAddressBytes } from "./address.ts";
import { bytesToBareHex } from "./hex.ts";
import type { ComponentDigest, ServiceDigest, ServiceId } from "./ids.ts";
import type { Service, ServiceManager } from "./service.ts";
import { printService } from "./service_json.ts";
import { utf8Bytes } from "./utf8.ts";

/** SHA-256 of a component's bytes (spec/wire.md 1.1). */
export function componentDigestOf(bytes: Uint8Array): ComponentDigest {
  return bytesToBareHex(sha256(bytes)) as ComponentDigest;
}

/** Identifies a service by its manager and nothing else (spec/wire.md 1.2). */
export function serviceIdOf(manager: ServiceManager): ServiceId {
  const address = manager.kind === "evm" ? evmAddressBytes(manager.address) : cosmosAddressBytes(manager.address);
  const input = concatBytes(utf8Bytes(manager.kind), utf8Bytes(manager.chain), address);
  return bytesToBareHex(sha256(input)) as ServiceId;
}

/** SHA-256 of the canonical JSON of a service: changes exactly when the definition does (spec/wire.md 1.4). */
export function serviceDigestOf(service: Service): ServiceDigest {
  return bytesToBareHex(sha256(utf8Bytes(printService(service)))) as ServiceDigest;
}
