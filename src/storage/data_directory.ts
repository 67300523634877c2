import { describeError, WavsError } from "@/domain/errors.ts";

/** Holds a data directory for this process; the kernel lets go of it when the process ends, however it ends. */
export interface DataLock extends Disposable {
  readonly path: string;
}

/**
 * Creates the data directory if need be and takes `<directory>/lock`.
 *
 * @throws WavsError `data_locked` when another node holds it, `data_unusable` when it cannot be written to,
 * `storage_full`
 */
export function lockDataDirectory(directory: string): DataLock {
  const path = `${directory}/lock`;
  const file = orUnusable(directory, () => {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    return Deno.openSync(path, { create: true, read: true, write: true });
  });
  try {
    if (!orUnusable(directory, () => file.tryLockSync(true))) {
      throw locked(directory, Deno.readTextFileSync(path).trim());
    }
    orUnusable(directory, () => {
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(String(Deno.pid)));
    });
  } catch (error) {
    file.close();
    throw error;
  }
  return { path, [Symbol.dispose]: () => file.close() };
}

function orUnusable<Result>(directory: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const reason = describeError(cause);
    const isFull = /no space|ENOSPC|quota/i.test(reason);
    throw new WavsError(isFull ? "storage_full" : "data_unusable", {
      message: `Cannot use the data directory "${directory}" because ${reason}; ` +
        (isFull ? "free some space on its volume" : "give a directory this user may write to with --data"),
      retryable: isFull,
      meta: { directory },
      cause,
    });
  }
}

function locked(directory: string, owner: string): WavsError {
  return new WavsError("data_locked", {
    message: `Cannot use the data directory "${directory}" because another node${
      owner === "" ? "" : ` (process ${owner})`
    } is running on it; stop that one or give this one its own with --data`,
    retryable: false,
    meta: { directory },
  });
}
