import { systemClock } from "@/context/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import { linesOf } from "../lines.ts";
import { selfCommand } from "../self.ts";
import { OPERATOR_START_TIMEOUT_MS, OPERATOR_STOP_TIMEOUT_MS } from "./limits.ts";
import type { Moment } from "./moments.ts";
import type { OperatorReport } from "./operator.ts";
import type { TraceEnd } from "./trace.ts";

/** One operator of the demo in a process of its own. */
export class OperatorProcess implements AsyncDisposable {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #tell: (name: string, moment: Moment) => void;
  readonly #ready = Promise.withResolvers<string>();
  readonly #reading: Promise<void>;
  #ended = Promise.withResolvers<TraceEnd>();

  /**
   * @param home directory of its `wavs.toml`
   * @param tell told of each of its steps
   */
  constructor(name: string, home: string, tell: (name: string, moment: Moment) => void) {
    this.name = name;
    this.#tell = tell;
    const { path, args } = selfCommand(["dev", "--operator", home]);
    this.#child = new Deno.Command(path, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Resolves with its URL. @throws WavsError `operator_failed` when it ends first or takes too long */
  async ready(): Promise<string> {
    const waited = new AbortController();
    const late = systemClock.sleep(OPERATOR_START_TIMEOUT_MS, waited.signal).then(() => {
      throw failed(this.name, `it did not start within ${OPERATOR_START_TIMEOUT_MS} ms`);
    });
    try {
      return await Promise.race([this.#ready.promise, late]);
    } finally {
      waited.abort();
      await late.catch(() => {});
    }
  }

  /** Begins to wait for the end of the next event. */
  begin(): void {
    this.#ended = Promise.withResolvers();
  }

  get ended(): Promise<TraceEnd> {
    return this.#ended.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
    const stopped = new AbortController();
    await Promise.race([this.#child.status, systemClock.sleep(OPERATOR_STOP_TIMEOUT_MS, stopped.signal)]);
    stopped.abort();
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) this.#take(JSON.parse(line) as OperatorReport);
    const { code } = await this.#child.status;
    this.#ready.promise.catch(() => {});
    this.#ready.reject(failed(this.name, `it ended with code ${code}`));
    this.#ended.resolve({ ok: false, reason: `${this.name} ended with code ${code}` });
  }

  #take(report: OperatorReport): void {
    switch (report.kind) {
      case "ready":
        return this.#ready.resolve(report.url);
      case "moment":
        return this.#tell(this.name, report.moment);
      case "ended":
        return this.#ended.resolve(report.end);
    }
  }
}

function failed(name: string, why: string): WavsError {
  return new WavsError("operator_failed", { message: `Cannot run ${name} because ${why}`, retryable: true });
}
