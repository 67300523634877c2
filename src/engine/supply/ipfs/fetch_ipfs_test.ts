import assert from "node:assert/strict";
import { createNode, encode as encodePb } from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import { identity } from "multiformats/hashes/identity";
import { sha256 } from "multiformats/hashes/sha2";
import { isWavsError } from "@/domain/mod.ts";
import { MAX_CAR_OVERHEAD_BYTES, MAX_IPFS_BLOCK_BYTES } from "../limits.ts";
import { GENEROUS, withGet } from "../testing/get.ts";
import { type Block, startIpfsGateway } from "../testing/ipfs_gateway.ts";
import { assertRefused } from "../testing/refusals.ts";
import { fetchIpfs } from "./fetch_ipfs.ts";

const RAW = 0x55;
const DAG_PB = 0x70;

/** Larger than a chunk of the gateway's, so that a graph of some levels comes of it. */
const FILE = Uint8Array.from({ length: 200_000 }, (_, index) => (index * index) >> 8);

async function fetchFile(gateway: { readonly url: string }, uri: string, maxBytes = GENEROUS.maxBytes) {
  return (await withGet((get) => fetchIpfs({ uri, ...GENEROUS, maxBytes }, gateway.url, get))).bytes;
}

async function block(bytes: Uint8Array, codec: number): Promise<Block> {
  return { cid: CID.createV1(codec, await sha256.digest(bytes)), bytes };
}

/** A file of `links` that all lead to one block. */
function fileOver(child: Block, links: number, bytesEach: bigint): Promise<Block> {
  const unixfs = new UnixFS({ type: "file", blockSizes: Array.from({ length: links }, () => bytesEach) });
  const link = { Name: "", Hash: child.cid, Tsize: child.bytes.length };
  const node = createNode(unixfs.marshal(), Array.from({ length: links }, () => link));
  return block(encodePb(node), DAG_PB);
}

Deno.test("a file is put together from the blocks of a CAR, whichever version its CID has", async () => {
  await using gateway = startIpfsGateway();
  for (const cidVersion of [0, 1] as const) {
    const cid = await gateway.add({ file: FILE }, { cidVersion });
    assert.deepEqual(await fetchFile(gateway, `ipfs://${cid}`), FILE, `CID version ${cidVersion}`);
  }
  const [first] = gateway.requests;
  assert.match(first?.url ?? "", /^\/ipfs\/Qm[^/]+\?format=car&dag-scope=entity$/);
  assert.match(first?.accept ?? "", /^application\/vnd\.ipld\.car/);
});

Deno.test("a file of one block and an empty one are fetched, too", async () => {
  await using gateway = startIpfsGateway();
  for (const content of [new Uint8Array([1, 2, 3]), new Uint8Array()]) {
    const cid = await gateway.add({ file: content });
    assert.deepEqual(await fetchFile(gateway, `ipfs://${cid}/`), content);
  }
});

Deno.test("a path leads through directories, sharded ones too, and its names may need encoding", async () => {
  await using gateway = startIpfsGateway();
  const files = { "assets/a b.wasm": FILE, "assets/deep/er": new Uint8Array([1]), "other": new Uint8Array([2]) };
  for (const shard of [false, true]) {
    const root = await gateway.add(files, { shard });
    assert.deepEqual(await fetchFile(gateway, `ipfs://${root}/assets/a%20b.wasm?x=1#y`), FILE, `sharded: ${shard}`);
    assert.deepEqual(await fetchFile(gateway, `ipfs://${root}//assets/deep/er`), new Uint8Array([1]));
  }
});

Deno.test("a block that is not what its CID says is refused, be it one of the file or not", async () => {
  await using gateway = startIpfsGateway();
  const cid = await gateway.add({ file: FILE });
  const spoil = ({ cid, bytes }: Block): Block => ({
    cid,
    bytes: bytes.map((byte, index) => index === 9 ? ~byte : byte),
  });
  gateway.mischief = { blocks: (blocks) => blocks.map((each, index) => index === 5 ? spoil(each) : each) };
  await assertRefused(
    fetchFile(gateway, `ipfs://${cid}`),
    "ipfs_block_mismatch",
    /block "bafk.*" is not what its CID says/,
  );
  const stranger = spoil(await block(new Uint8Array(10), RAW));
  gateway.mischief = { blocks: (blocks) => [...blocks, stranger] };
  await assertRefused(fetchFile(gateway, `ipfs://${cid}`), "ipfs_block_mismatch", new RegExp(String(stranger.cid)));
});

Deno.test("another file than the one that was asked for is no answer", async () => {
  await using gateway = startIpfsGateway();
  const wanted = await gateway.add({ file: FILE });
  const other = await block(new Uint8Array([6, 6, 6]), RAW);
  gateway.mischief = { blocks: () => [other] };
  await assertRefused(
    fetchFile(gateway, `ipfs://${wanted}`),
    "ipfs_block_missing",
    new RegExp(`left out its block "${wanted}"`),
    true,
  );
});

Deno.test("a CAR that breaks off is refused, between two blocks and within one, and may be tried again", async () => {
  await using gateway = startIpfsGateway();
  const cid = await gateway.add({ file: FILE });
  gateway.mischief = { bytes: -100 };
  await assertRefused(fetchFile(gateway, `ipfs://${cid}`), "ipfs_car_invalid", /no whole CAR/, true);
  gateway.mischief = { bytes: 0 };
  await assertRefused(fetchFile(gateway, `ipfs://${cid}`), "ipfs_car_invalid", /no whole CAR/, true);
  gateway.mischief = { blocks: (blocks) => blocks.slice(0, -1) };
  await assertRefused(fetchFile(gateway, `ipfs://${cid}`), "ipfs_block_missing", /left out its block/, true);
});

Deno.test("a gateway that serves the file itself is named with the setting to change", async () => {
  await using gateway = startIpfsGateway();
  const cid = await gateway.add({ file: FILE });
  gateway.mischief = { contentType: "application/wasm" };
  await assertRefused(fetchFile(gateway, `ipfs://${cid}`), "ipfs_gateway_unsuitable", /set ipfs_gateway/);
});

Deno.test("a file larger than allowed is refused by its content, and a CAR by its own size", async () => {
  await using gateway = startIpfsGateway();
  const cid = await gateway.add({ file: FILE });
  assert.deepEqual(await fetchFile(gateway, `ipfs://${cid}`, FILE.length), FILE);
  await assertRefused(fetchFile(gateway, `ipfs://${cid}`, FILE.length - 1), "fetch_too_large", /199999 bytes/);
  const ballast = await block(new Uint8Array(MAX_CAR_OVERHEAD_BYTES / 2), RAW);
  gateway.mischief = { blocks: (blocks) => [...blocks, ballast, ballast] };
  await assertRefused(fetchFile(gateway, `ipfs://${cid}`, 1000), "fetch_too_large", /larger than/);
});

Deno.test("a graph of a few blocks that stands for endless ones is given up", async () => {
  await using gateway = startIpfsGateway();
  let node = await block(new Uint8Array(), RAW);
  const blocks = [node];
  // Ten levels of a hundred links each: 100^10 visits, without a byte of content.
  for (let level = 0; level < 10; level++) blocks.push(node = await fileOver(node, 100, 0n));
  gateway.mischief = { always: blocks };
  await assertRefused(fetchFile(gateway, `ipfs://${node.cid}`), "ipfs_file_invalid", /takes more than \d+ steps/);
});

Deno.test("a file that says another size than it has is refused", async () => {
  await using gateway = startIpfsGateway();
  const leaf = await block(new Uint8Array(10), RAW);
  const file = await fileOver(leaf, 2, 11n);
  gateway.mischief = { always: [file, leaf] };
  await assertRefused(fetchFile(gateway, `ipfs://${file.cid}`), "ipfs_file_invalid", /holds 20 bytes and says 22/);
});

Deno.test("blocks that are well hashed and no file are refused", async () => {
  await using gateway = startIpfsGateway();
  const link = await block(encodePb(createNode(new UnixFS({ type: "symlink" }).marshal(), [])), DAG_PB);
  const junk = await block(new Uint8Array([0xff, 1, 2]), DAG_PB);
  const empty = await block(encodePb({ Links: [] }), DAG_PB);
  const cbor = await block(new Uint8Array([0xa0]), 0x71);
  const overSymlink = await fileOver(link, 1, 0n);
  gateway.mischief = { always: [link, junk, empty, cbor, overSymlink] };
  for (
    const [wrong, message] of [
      [link, /holds a symlink/],
      [junk, /is no file: /],
      [empty, /no data of UnixFS/],
      [cbor, /codec 0x71/],
      [overSymlink, /holds a symlink/],
    ] as const
  ) await assertRefused(fetchFile(gateway, `ipfs://${wrong.cid}`), "ipfs_file_invalid", message);
});

Deno.test("a block larger than peers would exchange is refused before it is hashed", async () => {
  await using gateway = startIpfsGateway();
  const large = await block(new Uint8Array(MAX_IPFS_BLOCK_BYTES + 1), RAW);
  gateway.mischief = { always: [large] };
  await assertRefused(
    fetchFile(gateway, `ipfs://${large.cid}`, 2 * MAX_IPFS_BLOCK_BYTES),
    "ipfs_car_invalid",
    /has 4194305 bytes/,
  );
});

Deno.test("what is no file of the CID is refused, with the reason", async () => {
  await using gateway = startIpfsGateway();
  const root = await gateway.add({ "assets/a": FILE, "b": FILE });
  await assertRefused(
    fetchFile(gateway, `ipfs://${root}`),
    "ipfs_file_invalid",
    /it is a directory; name a file in it/,
  );
  await assert.rejects(fetchFile(gateway, `ipfs://${root}/none`), (error) => isWavsError(error, "fetch_status"));
});

Deno.test("a path that leads on below a file is refused even if the gateway answers with the file", async () => {
  await using gateway = startIpfsGateway();
  const file = await block(FILE, RAW);
  gateway.mischief = { always: [file] };
  await assertRefused(fetchFile(gateway, `ipfs://${file.cid}/more`), "ipfs_file_invalid", /leads on from a file/);
});

Deno.test("a CID that carries its content needs no block, one of an unknown hash cannot be verified", async () => {
  await using gateway = startIpfsGateway();
  const inline = CID.createV1(RAW, identity.digest(new TextEncoder().encode("inline")));
  gateway.mischief = { always: [] };
  assert.equal(new TextDecoder().decode(await fetchFile(gateway, `ipfs://${inline}`)), "inline");
  const file = await gateway.add({ file: FILE });
  const { multihash } = await block(new Uint8Array(4), RAW).then(({ cid }) => cid);
  const blake3 = CID.createV1(RAW, {
    ...multihash,
    code: 0x1e,
    bytes: new Uint8Array([0x1e, 32, ...multihash.digest]),
  });
  gateway.mischief = { always: [{ cid: blake3, bytes: new Uint8Array(4) }] };
  await assertRefused(fetchFile(gateway, `ipfs://${file}`), "ipfs_hash_unsupported", /0x1e is not supported/);
});

Deno.test("a URI that is no IPFS path is refused before anything is asked", async () => {
  await using gateway = startIpfsGateway();
  const cid = await gateway.add({ file: FILE });
  const uris = [
    "ipfs:///x",
    "ipfs://example.com/x",
    `ipfs:${cid}`,
    `ipfs://${cid}/../x`,
    `ipfs://${cid}/%2e%2e/x`,
    `ipfs://${cid}/a%2Fb`,
    `ipfs://${cid}/a%00`,
    `ipfs://${cid}/%ff`,
    `ipfs://${cid}${"/a".repeat(33)}`,
  ];
  for (const uri of uris) {
    await assert.rejects(fetchFile(gateway, uri), (error) => isWavsError(error, "ipfs_uri_invalid"), uri);
  }
  assert.equal(gateway.requests.length, 0);
});
