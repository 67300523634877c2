import type { Clock } from "@/context/mod.ts";
import { WavsError } from "@/domain/errors.ts";
import { findAnvil } from "./anvil_executable.ts";
import { ANVIL_LOG_TAIL_CHARS, ANVIL_START_TIMEOUT_MS, ANVIL_STOP_TIMEOUT_MS } from "./limits.ts";

export interface AnvilOptions {
  /** Default 0: the system chooses a free one. */
  readonly port?: number;
  /** Default 31337. */
  readonly chainId?: number;
  /** Seconds between blocks; without it every transaction is mined at once in a block of its own. */
  readonly blockTimeSeconds?: number;
  /** More arguments of anvil itself, such as `--state`. */
  readonly args?: readonly string[];
  /** Path of an anvil; default is what {@link findAnvil} finds. */
  readonly executable?: string;
}

export interface AnvilModules {
  readonly clock: Clock;
}

/** A running local EVM chain. Disposing it ends the process. */
export interface Anvil extends AsyncDisposable {
  readonly port: number;
  readonly chainId: number;
  readonly httpUrl: string;
  readonly wsUrl: string;
  /** The latest output of the process, bounded by `ANVIL_LOG_TAIL_CHARS`. */
  logTail(): string;
  /** Stops the process from running while its sockets stay open: a chain that hangs. POSIX only. */
  pause(): void;
  /** Ends a {@link pause}. */
  resume(): void;
  /** Ends the process (default `SIGTERM`, then `SIGKILL`) and waits until it is gone. May be called again. */
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

const HOST = "127.0.0.1";
const DEFAULT_CHAIN_ID = 31_337;
const LISTENING = /Listening on [\d.]+:(\d+)\s/;

/**
 * Starts anvil on the loopback interface and waits until it listens.
 *
 * @throws WavsError `anvil_unavailable` when there is none, `anvil_start_failed` when it ends or hangs first
 */
export async function startAnvil(options: AnvilOptions, modules: AnvilModules): Promise<Anvil> {
  const chainId = options.chainId ?? DEFAULT_CHAIN_ID;
  const executable = options.executable ?? await findAnvil();
  const child = new AnvilProcess(executable, toArguments(options, chainId), modules.clock);
  const port = await child.listening();
  return {
    port,
    chainId,
    httpUrl: `http://${HOST}:${port}`,
    wsUrl: `ws://${HOST}:${port}`,
    logTail: () => child.output,
    pause: () => child.signal("SIGSTOP"),
    resume: () => child.signal("SIGCONT"),
    stop: (signal) => child.stop(signal),
    [Symbol.asyncDispose]: async () => void await child.stop(),
  };
}

function toArguments(options: AnvilOptions, chainId: number): string[] {
  return [
    ...["--host", HOST, "--port", String(options.port ?? 0), "--chain-id", String(chainId), "--color", "never"],
    ...(options.blockTimeSeconds === undefined ? [] : ["--block-time", String(options.blockTimeSeconds)]),
    ...(options.args ?? []),
  ];
}

/** The child process with its output drained: a full pipe would stall it. */
class AnvilProcess {
  readonly #child: Deno.ChildProcess;
  readonly #clock: Clock;
  readonly #port = Promise.withResolvers<number>();
  readonly #drained: Promise<unknown>;
  #isListening = false;
  #output = "";

  constructor(executable: string, args: string[], clock: Clock) {
    this.#clock = clock;
    this.#child = spawn(executable, args);
    this.#drained = Promise.all([this.#drain(this.#child.stdout), this.#drain(this.#child.stderr)]);
  }

  get output(): string {
    return this.#output;
  }

  /** The port anvil listens on. When it does not come to that, the process is gone before this rejects. */
  async listening(): Promise<number> {
    const waiting = new AbortController();
    const outcome = await Promise.race([
      this.#port.promise,
      this.#child.status.then((status) => `it ended with code ${status.code}`),
      this.#clock.sleep(ANVIL_START_TIMEOUT_MS, waiting.signal).then(() =>
        `it did not listen within ${ANVIL_START_TIMEOUT_MS} ms`
      ),
    ]);
    waiting.abort();
    if (typeof outcome === "number") return outcome;
    await this.stop("SIGKILL");
    throw new WavsError("anvil_start_failed", {
      message: `Cannot start anvil because ${outcome}: "${this.output.trim()}"`,
      retryable: false,
    });
  }

  /** Does nothing once the process has ended. */
  signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // `TypeError` when its end is known already, `NotFound` when it is not quite yet.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    this.signal(signal);
    // A paused process keeps every signal but SIGKILL waiting until it runs again.
    if (Deno.build.os !== "windows") this.signal("SIGCONT");
    const waiting = new AbortController();
    const impatient = this.#clock.sleep(ANVIL_STOP_TIMEOUT_MS, waiting.signal).then(() => {
      if (!waiting.signal.aborted) this.signal("SIGKILL");
    });
    const status = await this.#child.status;
    waiting.abort();
    await Promise.all([impatient, this.#drained]);
    return status;
  }

  async #drain(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#output = (this.#output + decoder.decode(chunk, { stream: true })).slice(-ANVIL_LOG_TAIL_CHARS);
      if (!this.#isListening) this.#lookForPort();
    }
  }

  #lookForPort(): void {
    const port = LISTENING.exec(this.#output)?.[1];
    if (port === undefined) return;
    this.#isListening = true;
    this.#port.resolve(Number(port));
  }
}

function spawn(executable: string, args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(executable, { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  } catch (cause) {
    throw new WavsError("anvil_start_failed", {
      message: `Cannot run anvil from "${executable}"`,
      retryable: false,
      cause,
    });
  }
}
