import { WavsError } from "@/domain/mod.ts";
import { upTo } from "../answer.ts";
import { badStatus } from "../errors.ts";
import { MAX_CAR_OVERHEAD_BYTES } from "../limits.ts";
import type { Fetched, FetchRequest, Get } from "../types.ts";
import { gatewayUrl, parseIpfsUri } from "./ipfs_uri.ts";
import { UnixFsFile } from "./unixfs_file.ts";
import { VerifiedBlocks } from "./verified_blocks.ts";

const CAR = "application/vnd.ipld.car";

/**
 * Fetches a file, also one below a directory, without trusting the gateway: it is asked for a CAR, whose every block is
 * hashed, and the file is put together from there, beginning at the CID of the URI. Beyond spec/wire.md 8.2, which
 * believes the gateway.
 *
 * @throws WavsError `ipfs_uri_invalid`, `ipfs_car_invalid`, `ipfs_block_mismatch`, `ipfs_block_missing`,
 * `ipfs_hash_unsupported`, `ipfs_file_invalid`, `ipfs_gateway_unsuitable`, `fetch_status`, `fetch_too_large`, or what
 * `get` throws
 */
export async function fetchIpfs({ uri, maxBytes }: FetchRequest, gateway: string, get: Get): Promise<Fetched> {
  const parsed = parseIpfsUri(uri);
  const url = gatewayUrl(gateway, parsed);
  // The parameters for gateways that look at them, the header for those that look at it.
  const answer = await get({
    url: `${url}?format=car&dag-scope=entity`,
    headers: { accept: `${CAR}; version=1; order=dfs; dups=n` },
  });
  if (answer.status !== 200) throw badStatus(url, answer.status);
  refuseOtherThanCar(uri, gateway, answer.header("content-type"));
  const limited = upTo(answer.chunks, maxBytes + MAX_CAR_OVERHEAD_BYTES, uri);
  const blocks = await VerifiedBlocks.fromCar(limited, uri);
  return { bytes: new UnixFsFile(uri, blocks, maxBytes).read(parsed) };
}

function refuseOtherThanCar(uri: string, gateway: string, contentType: string | undefined): void {
  if (contentType?.startsWith(CAR)) return;
  throw new WavsError("ipfs_gateway_unsuitable", {
    message:
      `Cannot fetch "${uri}" because the gateway "${gateway}" answered "${contentType ?? "nothing"}" when it was ` +
      "asked for a CAR; set ipfs_gateway to one that serves trustless responses",
    retryable: false,
    meta: { uri, gateway },
  });
}
