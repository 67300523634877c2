import { datetime } from "./clocks.ts";
import { type DescriptorType, typeOf } from "./directory_stream.ts";
import { attemptFile } from "./filesystem_errors.ts";

export interface DescriptorStat {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: ReturnType<typeof datetime> | undefined;
  readonly dataModificationTimestamp: ReturnType<typeof datetime> | undefined;
  readonly statusChangeTimestamp: ReturnType<typeof datetime> | undefined;
}

export interface MetadataHash {
  readonly lower: bigint;
  readonly upper: bigint;
}

/** What lies at `host`, links not followed; `undefined` when nothing does. */
export function existing(host: string): Deno.FileInfo | undefined {
  return attemptFile(() => {
    try {
      return Deno.lstatSync(host);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  });
}

export function statOf(info: Deno.FileInfo): DescriptorStat {
  return {
    type: typeOf(info),
    linkCount: BigInt(info.nlink ?? 1),
    size: BigInt(info.size),
    dataAccessTimestamp: timestampOf(info.atime),
    dataModificationTimestamp: timestampOf(info.mtime),
    statusChangeTimestamp: timestampOf(info.ctime),
  };
}

function timestampOf(date: Date | null): ReturnType<typeof datetime> | undefined {
  return date === null ? undefined : datetime(date.getTime());
}

/** The same file has the same hash, another file another. */
export function hashOf(info: Deno.FileInfo): MetadataHash {
  return { lower: BigInt(info.ino ?? 0), upper: BigInt(info.dev) };
}
