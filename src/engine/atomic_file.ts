import { describeError, WavsError } from "@/domain/mod.ts";

export type Durability = "process" | "power";

/** Ends the names of files that are being written; one that is left over was cut short and is nothing. */
export const PARTIAL_SUFFIX = ".part";

/**
 * Puts a file in place whole or not at all, making its directory if need be.
 *
 * @param durability `power` waits until the disk has the file and its name, `process` leaves that to the system
 * @throws WavsError `storage_full`, `storage_failed`
 */
export async function writeWhole(path: string, bytes: Uint8Array, durability: Durability): Promise<void> {
  const directory = path.slice(0, path.lastIndexOf("/"));
  const temporary = `${path}.${crypto.randomUUID()}${PARTIAL_SUFFIX}`;
  try {
    await Deno.mkdir(directory, { recursive: true });
    await writeNew(temporary, bytes, durability);
    await Deno.rename(temporary, path);
    if (durability === "power") await syncDirectory(directory);
  } catch (cause) {
    // What it was is told; a leftover is found by the next collection.
    await Deno.remove(temporary).catch(() => {});
    throw storageError(`write "${path}"`, cause);
  }
}

async function writeNew(path: string, bytes: Uint8Array, durability: Durability): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  if (durability === "power") await file.sync();
}

/** A rename is on disk when its directory is. Windows neither opens directories nor needs it. */
async function syncDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using directory = await Deno.open(path);
  await directory.sync();
}

export function storageError(action: string, cause: unknown): WavsError {
  const text = describeError(cause);
  const isFull = /no space|ENOSPC|quota/i.test(text);
  return new WavsError(isFull ? "storage_full" : "storage_failed", {
    message: `Cannot ${action} because ${text}${isFull ? "; free some space on the volume of the data directory" : ""}`,
    retryable: isFull,
    cause,
  });
}
