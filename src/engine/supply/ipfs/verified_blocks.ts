import { CarBlockIterator } from "@ipld/car/iterator";
import { equals } from "multiformats/bytes";
import type { CID } from "multiformats/cid";
import { identity } from "multiformats/hashes/identity";
import { sha256, sha512 } from "multiformats/hashes/sha2";
import { describeError, isWavsError, WavsError } from "@/domain/mod.ts";
import { MAX_IPFS_BLOCK_BYTES } from "../limits.ts";

/** What `@ipld/car` yields. */
interface CarBlock {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

interface Hasher {
  readonly code: number;
  digest(bytes: Uint8Array): { digest: Uint8Array } | Promise<{ digest: Uint8Array }>;
}

const HASHERS: ReadonlyMap<number, Hasher> = new Map(
  [sha256, sha512, identity].map((hasher: Hasher) => [hasher.code, hasher]),
);

/** Blocks whose bytes were hashed and found to be what their CID says; nothing else gets in. */
export class VerifiedBlocks {
  readonly #uri: string;
  readonly #blocks = new Map<string, Uint8Array>();

  private constructor(uri: string) {
    this.#uri = uri;
  }

  /**
   * Reads a CAR and verifies every block of it, those that nobody asked for too.
   *
   * @throws WavsError `ipfs_block_mismatch`, `ipfs_hash_unsupported`, `ipfs_car_invalid`, or what reading throws
   */
  static async fromCar(chunks: AsyncIterable<Uint8Array>, uri: string): Promise<VerifiedBlocks> {
    const blocks = new VerifiedBlocks(uri);
    try {
      for await (const block of await CarBlockIterator.fromIterable(chunks)) await blocks.#add(block as CarBlock);
    } catch (cause) {
      if (isWavsError(cause)) throw cause;
      throw new WavsError("ipfs_car_invalid", {
        message: `Cannot use what the gateway answered for "${uri}" because it is no whole CAR: ${
          describeError(cause)
        }`,
        // A gateway that loses its own sources in the middle can only break off.
        retryable: true,
        meta: { uri },
        cause,
      });
    }
    return blocks;
  }

  has(cid: CID): boolean {
    return this.#find(cid) !== undefined;
  }

  /** @throws WavsError `ipfs_block_missing` */
  get(cid: CID): Uint8Array {
    const bytes = this.#find(cid);
    if (bytes !== undefined) return bytes;
    throw new WavsError("ipfs_block_missing", {
      message: `Cannot fetch "${this.#uri}" because the gateway left out its block "${cid}"`,
      retryable: true,
      meta: { uri: this.#uri, cid: String(cid) },
    });
  }

  /** An identity CID is its content. */
  #find(cid: CID): Uint8Array | undefined {
    return cid.multihash.code === identity.code ? cid.multihash.digest : this.#blocks.get(keyOf(cid));
  }

  async #add({ cid, bytes }: CarBlock): Promise<void> {
    if (bytes.length > MAX_IPFS_BLOCK_BYTES) {
      throw new WavsError("ipfs_car_invalid", {
        message: `Cannot fetch "${this.#uri}" because its block "${cid}" has ${bytes.length} bytes; ` +
          `${MAX_IPFS_BLOCK_BYTES} are allowed`,
        retryable: false,
        meta: { uri: this.#uri, cid: String(cid) },
      });
    }
    const hasher = HASHERS.get(cid.multihash.code);
    if (hasher === undefined) {
      throw new WavsError("ipfs_hash_unsupported", {
        message: `Cannot verify block "${cid}" of "${this.#uri}" because its hash function ` +
          `0x${cid.multihash.code.toString(16)} is not supported; sha2-256 and sha2-512 are`,
        retryable: false,
        meta: { uri: this.#uri, cid: String(cid) },
      });
    }
    const { digest } = await hasher.digest(bytes);
    if (!equals(digest, cid.multihash.digest)) {
      throw new WavsError("ipfs_block_mismatch", {
        message:
          `Cannot use what the gateway answered for "${this.#uri}" because block "${cid}" is not what its CID says`,
        retryable: false,
        meta: { uri: this.#uri, cid: String(cid) },
      });
    }
    this.#blocks.set(keyOf(cid), bytes);
  }
}

/** Version 0 and version 1 of a CID, and whichever codec, name the same bytes. */
function keyOf({ multihash }: CID): string {
  return multihash.bytes.toHex();
}
