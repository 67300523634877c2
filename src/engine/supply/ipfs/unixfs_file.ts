import { decode, type PBNode } from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import type { CID } from "multiformats/cid";
import { describeError } from "@/domain/mod.ts";
import { concat } from "../answer.ts";
import { tooLarge } from "../errors.ts";
import { MAX_IPFS_GRAPH_STEPS } from "../limits.ts";
import { ipfsInvalid } from "./ipfs_errors.ts";
import type { IpfsUri } from "./ipfs_uri.ts";
import type { VerifiedBlocks } from "./verified_blocks.ts";

const RAW = 0x55;
const DAG_PB = 0x70;

/** A block as UnixFS sees it: the bytes it holds itself, then the blocks it leads to. */
interface UnixFsNode {
  readonly type: UnixFS["type"];
  readonly data: Uint8Array;
  readonly links: PBNode["Links"];
  /** Bytes of the whole file below it, as it says itself. */
  readonly fileSize: bigint;
  /** Places in a shard of a directory; a power of two. */
  readonly fanout: bigint;
}

const EMPTY = new Uint8Array();

/**
 * Puts one file together from verified blocks.
 *
 * The exporter of the IPFS project does the same, but brings forty packages of its own and leaves promises that nobody
 * catches when a gateway withholds a block, which would end the worker.
 */
export class UnixFsFile {
  readonly #uri: string;
  readonly #blocks: VerifiedBlocks;
  readonly #maxBytes: number;
  #steps = 0;

  constructor(uri: string, blocks: VerifiedBlocks, maxBytes: number) {
    this.#uri = uri;
    this.#blocks = blocks;
    this.#maxBytes = maxBytes;
  }

  /** @throws WavsError `ipfs_block_missing`, `ipfs_file_invalid`, `fetch_too_large` */
  read({ root, path }: IpfsUri): Uint8Array {
    let cid = root;
    for (const name of path) cid = this.#enter(this.#node(cid), name);
    const node = this.#node(cid);
    if (isDirectory(node)) throw ipfsInvalid(this.#uri, "it is a directory; name a file in it");
    if (node.fileSize > BigInt(this.#maxBytes)) throw tooLarge(this.#uri, this.#maxBytes);
    const bytes = this.#content(node);
    // All of it is what the CID says, but a size that is not might be read in another way elsewhere.
    if (BigInt(bytes.length) === node.fileSize) return bytes;
    throw ipfsInvalid(this.#uri, `it holds ${bytes.length} bytes and says ${node.fileSize}`);
  }

  /** Leaves from left to right. The way is kept in a list, since a graph may be deeper than the stack. */
  #content(file: UnixFsNode): Uint8Array {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const waiting: (UnixFsNode | CID)[] = [file];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const node = "links" in next ? next : this.#node(next);
      if (node.type !== "file" && node.type !== "raw") throw ipfsInvalid(this.#uri, `it holds a ${node.type}`);
      length += node.data.length;
      if (length > this.#maxBytes) throw tooLarge(this.#uri, this.#maxBytes);
      chunks.push(node.data);
      for (const { Hash } of node.links.toReversed()) waiting.push(Hash);
    }
    return concat(chunks);
  }

  #enter(directory: UnixFsNode, name: string): CID {
    if (!isDirectory(directory)) throw ipfsInvalid(this.#uri, "its path leads on from a file");
    const found = directory.type === "directory"
      ? directory.links.find((link) => link.Name === name)?.Hash
      : this.#searchShards(directory, name);
    if (found === undefined) throw ipfsInvalid(this.#uri, `there is no "${name}" in its directory`);
    return found;
  }

  /**
   * A link of a shard is named by its place in hexadecimal digits, followed by the name of the entry or, for a shard
   * below, by nothing. The gateway sends the shards on the way to the entry and no others, so those are searched, which
   * needs no hash of the name.
   */
  #searchShards(root: UnixFsNode, name: string): CID | undefined {
    const shards = [root];
    for (let shard = shards.pop(); shard !== undefined; shard = shards.pop()) {
      const digits = (shard.fanout - 1n).toString(16).length;
      for (const { Name = "", Hash } of shard.links) {
        if (Name.slice(digits) === name) return Hash;
        if (Name.length === digits && this.#blocks.has(Hash)) shards.push(this.#node(Hash));
      }
    }
    return undefined;
  }

  /** What a graph costs is bounded here: every block that is read, each time, and every link in it. */
  #node(cid: CID): UnixFsNode {
    const bytes = this.#blocks.get(cid);
    const node = this.#decode(cid, bytes);
    this.#steps += 1 + node.links.length;
    if (this.#steps <= MAX_IPFS_GRAPH_STEPS) return node;
    throw ipfsInvalid(this.#uri, `putting it together takes more than ${MAX_IPFS_GRAPH_STEPS} steps`);
  }

  #decode(cid: CID, bytes: Uint8Array): UnixFsNode {
    switch (cid.code) {
      case RAW:
        return { type: "raw", data: bytes, links: [], fileSize: BigInt(bytes.length), fanout: 0n };
      case DAG_PB:
        try {
          return decodeUnixFs(bytes);
        } catch (cause) {
          throw ipfsInvalid(this.#uri, `its block "${cid}" is no file: ${describeError(cause)}`, cause);
        }
      default:
        throw ipfsInvalid(this.#uri, `its block "${cid}" is no file (codec 0x${cid.code.toString(16)})`);
    }
  }
}

/** @throws Error from the decoders, about the bytes */
function decodeUnixFs(bytes: Uint8Array): UnixFsNode {
  const { Data, Links } = decode(bytes);
  if (Data === undefined) throw new Error("it has no data of UnixFS");
  const entry = UnixFS.unmarshal(Data);
  return {
    type: entry.type,
    data: entry.data ?? EMPTY,
    links: Links,
    fileSize: entry.fileSize(),
    fanout: entry.fanout ?? 0n,
  };
}

function isDirectory({ type }: UnixFsNode): boolean {
  return type === "directory" || type === "hamt-sharded-directory";
}
