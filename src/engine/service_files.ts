import { describeError, parseServiceId, type ServiceId, WavsError } from "@/domain/mod.ts";

/** As directories are named; other spellings of an id are not ours. */
const SERVICE_ID = /^[0-9a-f]{64}$/;

/** Where services keep their files: `<data>/app/<service id>`, made when first needed (spec/engine.md 2.4). */
export class ServiceFiles {
  readonly #root: string;

  constructor(dataDirectory: string) {
    this.#root = `${dataDirectory}/app`;
  }

  /**
   * Makes the service's directory if it is not there and tells its absolute path, which has no symbolic links.
   *
   * @throws WavsError `service_files_unavailable`, retryable: a disk that is full or read-only may be put right
   */
  async directoryOf(serviceId: ServiceId): Promise<string> {
    const path = `${this.#root}/${serviceId}`;
    try {
      await Deno.mkdir(path, { recursive: true, mode: 0o700 });
      // The root may be a link to another disk; a service's own directory may not be a link to anywhere.
      const real = `${await Deno.realPath(this.#root)}/${serviceId}`;
      if (!(await Deno.lstat(real)).isDirectory) throw new Error("it is a link and not a directory");
      return real;
    } catch (cause) {
      throw new WavsError("service_files_unavailable", {
        message: `Cannot open the service's directory "${path}" because ${describeError(cause)}`,
        retryable: true,
        meta: { path },
        cause,
      });
    }
  }

  /** The services that have a directory; what else is there is nobody's business here. */
  async owners(): Promise<readonly ServiceId[]> {
    try {
      const names = await Array.fromAsync(Deno.readDir(this.#root), ({ name }) => name);
      return names.filter((name) => SERVICE_ID.test(name)).map(parseServiceId);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  async remove(serviceId: ServiceId): Promise<void> {
    try {
      await Deno.remove(`${this.#root}/${serviceId}`, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
