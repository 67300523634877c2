import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { base58 } from "@scure/base";
import { bytesToBareHex, describeError, hexToBytes, WavsError } from "@/domain/mod.ts";
import type { NetworkPeerId } from "./types.ts";

/** Of the identity's file in the data directory. */
const FILE = "p2p_identity";

const SEED_BYTES = 32;

/** Bits of a file mode that let group or others in. */
const SHARED_MODE_BITS = 0o077;

/** An identity multihash of 36 bytes: the protobuf of an Ed25519 public key follows (spec/network.md 5.2). */
const PEER_ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

export interface NetworkIdentity {
  /** Of an Ed25519 key. */
  readonly seed: Uint8Array;
  readonly peerId: NetworkPeerId;
}

/**
 * The identity of the node on the network, made at the first start and kept since: other operators name it in their
 * bootstrap addresses. It is no signing key and is not derived from one: whoever steals it takes a name, nothing else,
 * and removing the file gives the node another.
 *
 * @throws WavsError `p2p_identity_unusable`
 */
export function openIdentity(dataDirectory: string): NetworkIdentity {
  const path = `${dataDirectory}/${FILE}`;
  try {
    return identityOf(readSeed(path) ?? createSeed(path));
  } catch (cause) {
    if (cause instanceof WavsError) throw cause;
    throw unusable(path, describeError(cause), cause);
  }
}

export function identityOf(seed: Uint8Array): NetworkIdentity {
  const peerId = base58.encode(concatBytes(PEER_ID_PREFIX, ed25519.getPublicKey(seed)));
  return { seed, peerId: peerId as NetworkPeerId };
}

function readSeed(path: string): Uint8Array | undefined {
  let text: string;
  try {
    const { mode } = Deno.statSync(path);
    if (mode !== null && (mode & SHARED_MODE_BITS) !== 0) {
      throw unusable(path, `other users may read it; run chmod 600 "${path}"`);
    }
    text = Deno.readTextFileSync(path).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw unusable(path, "it does not hold 64 hex digits; remove it to give the node a new identity");
  }
  return hexToBytes(text);
}

/** Put in place whole, and by one process: an identity cut short or replaced would be a name lost. */
function createSeed(path: string): Uint8Array {
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    Deno.writeTextFileSync(part, `${bytesToBareHex(seed)}\n`, { createNew: true, mode: 0o600 });
    Deno.linkSync(part, path);
    return seed;
  } catch (error) {
    const theirs = error instanceof Deno.errors.AlreadyExists ? readSeed(path) : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    Deno.removeSync(part);
  }
}

function unusable(path: string, why: string, cause?: unknown): WavsError {
  return new WavsError("p2p_identity_unusable", {
    message: `Cannot use the network identity in "${path}" because ${why}`,
    retryable: false,
    meta: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
