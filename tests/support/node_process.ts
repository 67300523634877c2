import denoJson from "../../deno.json" with { type: "json" };
import { until } from "./until.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** The permissions `deno task start` gives the node. */
const PERMISSIONS = denoJson.tasks.start.command.split(" ").filter((part) => part.startsWith("--allow-"));

/** How a process ended and what it said. */
export interface ProcessEnd {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  /** All it sees of the environment, besides what Deno needs. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The program as `deno task start` runs it, in a process of its own: it can be killed, and it has an exit code. */
export class NodeProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #end: Promise<ProcessEnd>;
  #stderr = "";

  constructor(args: readonly string[], { env = {} }: ProcessOptions = {}) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--no-prompt", ...PERMISSIONS, `${ROOT}main.ts`, ...args],
      env: { ...denoVariables(), ...env },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const texts = Promise.all([new Response(this.#child.stdout).text(), this.#listen(this.#child.stderr)]);
    this.#end = Promise.all([this.#child.status, texts]).then(([status, [stdout]]) => ({
      code: status.signal === null ? status.code : null,
      stdout,
      stderr: this.#stderr,
    }));
  }

  /** What it has said so far. */
  get stderr(): string {
    return this.#stderr;
  }

  async #listen(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#stderr += text;
  }

  /** Resolves once it has ended by itself. */
  get ended(): Promise<ProcessEnd> {
    return this.#end;
  }

  /** Resolves once its API answers at `url`. @throws Error with what it said when it ends first */
  async ready(url: string): Promise<void> {
    let end: ProcessEnd | undefined;
    void this.#end.then((value) => end = value);
    await until("the node answers", async () => {
      if (end !== undefined) throw new Error(`the node ended with code ${end.code}: ${end.stderr}`);
      const response = await fetch(`${url}/info`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok === true;
    });
  }

  /** Sends a signal that it goes on after. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Ends it; by default without giving it a chance. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<ProcessEnd> {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    return await this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** Where Deno finds its cache, and no colours in what is compared. */
function denoVariables(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"];
  const present = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(present), NO_COLOR: "1" };
}
