/** Bytes of the length before each record (spec/network.md 1.7): little-endian. */
const LENGTH_BYTES = 3;

/**
 * Counts what comes in on a connection, record by record: the replication keeps a record in memory until it is whole, so
 * how large one may be and how long it may take is decided before that.
 */
export class RecordMeter {
  /** Bytes seen so far. */
  total = 0;
  /** When the record that is not whole yet began, by the caller's clock. */
  #begunAtMs: number | undefined;
  #lengthBytes = 0;
  #length = 0;
  #missing = 0;

  /** @returns the length of the first record in `chunk` that is longer than `maxBytes` */
  take(chunk: Uint8Array, maxBytes: number, nowMs: number): number | undefined {
    this.total += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      this.#begunAtMs ??= nowMs;
      if (this.#lengthBytes < LENGTH_BYTES) {
        this.#length += (chunk[at++] ?? 0) * 256 ** this.#lengthBytes++;
        if (this.#lengthBytes < LENGTH_BYTES) continue;
        if (this.#length > maxBytes) return this.#length;
        this.#missing = this.#length;
      }
      const taken = Math.min(this.#missing, chunk.length - at);
      at += taken;
      this.#missing -= taken;
      if (this.#missing === 0) this.#begin();
    }
    return undefined;
  }

  /** For how long the record that is not whole yet has been coming in. */
  pendingMs(nowMs: number): number {
    return this.#begunAtMs === undefined ? 0 : nowMs - this.#begunAtMs;
  }

  #begin(): void {
    this.#begunAtMs = undefined;
    this.#lengthBytes = 0;
    this.#length = 0;
  }
}
