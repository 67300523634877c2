import { WavsError } from "@/domain/errors.ts";

/** Holds a data directory for this process; the kernel lets go of it when the process ends, however it ends. */
export interface DataLock extends Disposable {
  readonly path: string;
}

/**
 * Takes `<directory>/lock`.
 *
 * @throws WavsError `data_locked` when another node holds it
 */
export function lockDataDirectory(directory: string): DataLock {
  const path = `${directory}/lock`;
  const file = Deno.openSync(path, { create: true, read: true, write: true });
  if (!file.tryLockSync(true)) {
    const owner = Deno.readTextFileSync(path).trim();
    file.close();
    throw new WavsError("data_locked", {
      message: `Cannot use the data directory "${directory}" because another node${
        owner === "" ? "" : ` (process ${owner})`
      } is running on it; stop that one or give this one its own with --data`,
      retryable: false,
      meta: { directory },
    });
  }
  file.truncateSync();
  file.writeSync(new TextEncoder().encode(String(Deno.pid)));
  return { path, [Symbol.dispose]: () => file.close() };
}
