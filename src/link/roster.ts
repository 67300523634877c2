import type { KeptWorker, LogLevel, WorkerRoster } from "@/context/mod.ts";

/** The workers of one node: asked whether they live, told what they may log. */
export class Roster implements WorkerRoster {
  readonly #workers = new Set<KeptWorker>();
  #logLevel: LogLevel | undefined;

  get logLevel(): LogLevel | undefined {
    return this.#logLevel;
  }

  add(worker: KeptWorker): () => void {
    this.#workers.add(worker);
    if (this.#logLevel !== undefined) worker.setLogLevel(this.#logLevel);
    return () => void this.#workers.delete(worker);
  }

  /** For those that run, and for those that come later. */
  setLogLevel(level: LogLevel): void {
    this.#logLevel = level;
    for (const worker of this.#workers) worker.setLogLevel(level);
  }

  /** The names of those whose event loop does not answer before `signal` aborts. */
  async silent(signal: AbortSignal): Promise<readonly string[]> {
    const asked = [...this.#workers];
    const answers = await Promise.allSettled(asked.map((worker) => worker.alive(signal)));
    return asked.filter((_, index) => answers[index]?.status === "rejected").map(({ name }) => name);
  }
}
