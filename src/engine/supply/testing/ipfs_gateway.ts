import { CarWriter } from "@ipld/car/writer";
import { exporter, walkPath } from "ipfs-unixfs-exporter";
import { importer } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import type { CID } from "multiformats/cid";

export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** What a gateway does to an answer before it sends it. */
export interface Mischief {
  /** Other blocks than those that were asked for. */
  readonly blocks?: (blocks: readonly Block[]) => readonly Block[];
  /** These blocks, whatever is asked for. */
  readonly always?: readonly Block[];
  /** How many of the CAR's bytes are sent; a negative number leaves off that many at the end. */
  readonly bytes?: number;
  readonly contentType?: string;
}

export interface IpfsGateway extends AsyncDisposable {
  /** Ends with a slash, as `ipfs_gateway` does. */
  readonly url: string;
  readonly requests: readonly { readonly url: string; readonly accept: string | null }[];
  /** What is done to answers from now on. */
  mischief: Mischief;
  /** Adds files, in a directory when there is more than one or when `wrap` is set. @returns the CID of the root */
  add(files: Readonly<Record<string, Uint8Array>>, options?: AddOptions): Promise<CID>;
}

export interface AddOptions {
  readonly wrap?: boolean;
  /** Splits the directory into shards however small it is. */
  readonly shard?: boolean;
  readonly cidVersion?: 0 | 1;
}

/**
 * A gateway that serves real CARs of real UnixFS graphs, beginning with the blocks on the way to a file.
 *
 * It stands in for a public gateway because tests must run without the internet.
 */
export function startIpfsGateway(): IpfsGateway {
  const store = new BlockMap();
  const requests: { url: string; accept: string | null }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const url = new URL(request.url);
    requests.push({ url: `${url.pathname}${url.search}`, accept: request.headers.get("accept") });
    const path = decodeURIComponent(url.pathname).replace(/^\/ipfs\//, "");
    try {
      return await answer(path, store, gateway.mischief);
    } catch {
      return new Response("no such file", { status: 404 });
    }
  });
  const gateway: IpfsGateway = {
    url: `http://127.0.0.1:${server.addr.port}/ipfs/`,
    requests,
    mischief: {},
    add: (files, options) => addFiles(store, files, options),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return gateway;
}

async function answer(path: string, store: BlockMap, mischief: Mischief): Promise<Response> {
  const { root, read } = mischief.always === undefined ? await readPath(path, store) : noPath(mischief.always);
  const car = await writeCar(root, mischief.blocks?.(read) ?? read);
  return new Response(car.slice(0, mischief.bytes), {
    headers: { "content-type": mischief.contentType ?? "application/vnd.ipld.car; version=1" },
  });
}

interface ReadPath {
  readonly root: CID | undefined;
  readonly read: readonly Block[];
}

function noPath(read: readonly Block[]): ReadPath {
  return { root: undefined, read };
}

/** What it takes to show that the file is where the path says: the blocks of the way, then those of the file. */
async function readPath(path: string, store: BlockMap): Promise<ReadPath> {
  const read: Block[] = [];
  const recording = store.recordedBy((block) => read.push(block));
  let root: CID | undefined;
  for await (const entry of walkPath(path, recording)) root ??= entry.cid;
  const entry = await exporter(path, recording);
  if (entry.type === "file" || entry.type === "raw") await Array.fromAsync(entry.content());
  return { root, read };
}

async function writeCar(root: CID | undefined, blocks: readonly Block[]): Promise<Uint8Array<ArrayBuffer>> {
  const { writer, out } = CarWriter.create(root === undefined ? [] : [root]);
  const writing = (async () => {
    for (const block of blocks) await writer.put(block);
    await writer.close();
  })();
  const bytes = await new Response(ReadableStream.from(out)).bytes();
  await writing;
  return bytes;
}

async function addFiles(
  store: BlockMap,
  files: Readonly<Record<string, Uint8Array>>,
  { wrap = false, shard = false, cidVersion = 1 }: AddOptions = {},
): Promise<CID> {
  const source = Object.entries(files).map(([path, content]) => ({ path, content }));
  let root: CID | undefined;
  const options = {
    cidVersion,
    rawLeaves: cidVersion === 1,
    wrapWithDirectory: wrap || source.length > 1,
    chunker: fixedSize({ chunkSize: 1024 }),
    ...(shard ? { shardSplitThresholdBytes: 0 } : {}),
  };
  for await (const { cid } of importer(source, store, options)) root = cid;
  if (root === undefined) throw new Error("nothing was added");
  return root;
}

/** Blocks in memory, as importer and exporter want them. */
class BlockMap {
  readonly #blocks = new Map<string, Uint8Array>();

  put(cid: CID, bytes: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>): CID {
    if (!(bytes instanceof Uint8Array)) throw new Error("blocks are added whole");
    this.#blocks.set(String(cid.toV1()), bytes);
    return cid;
  }

  *get(cid: CID): Generator<Uint8Array> {
    const bytes = this.#blocks.get(String(cid.toV1()));
    if (bytes === undefined) throw new Error(`no block ${cid}`);
    yield bytes;
  }

  recordedBy(record: (block: Block) => void): { get(cid: CID): Generator<Uint8Array> } {
    const get = (cid: CID) => this.get(cid);
    return {
      *get(cid) {
        for (const bytes of get(cid)) {
          record({ cid, bytes });
          yield bytes;
        }
      },
    };
  }
}
