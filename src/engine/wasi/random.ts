import type { HostImports } from "@/engine/component/types.ts";
import { MAX_RANDOM_BYTES } from "./limits.ts";
import { trap } from "./trap.ts";

/** What the platform fills at once. */
const FILL_BYTES = 65_536;

/** `wasi:random`: the machine's randomness, for the insecure interfaces too (spec/engine.md 2.5). */
export const randomInterfaces: HostImports = {
  "wasi:random/random": { getRandomBytes: randomBytes, getRandomU64: randomU64 },
  "wasi:random/insecure": { getInsecureRandomBytes: randomBytes, getInsecureRandomU64: randomU64 },
  "wasi:random/insecure-seed": { insecureSeed: () => [randomU64(), randomU64()] },
};

function randomBytes(length: bigint): Uint8Array {
  if (length > MAX_RANDOM_BYTES) {
    throw trap(`it asked for "${length}" random bytes at once, more than "${MAX_RANDOM_BYTES}"`);
  }
  const bytes = new Uint8Array(Number(length));
  for (let offset = 0; offset < bytes.length; offset += FILL_BYTES) {
    crypto.getRandomValues(bytes.subarray(offset, offset + FILL_BYTES));
  }
  return bytes;
}

function randomU64(): bigint {
  const [value = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return value;
}
