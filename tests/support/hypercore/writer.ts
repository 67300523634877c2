/** How to start a writer of either kind. */
export interface WriterOptions {
  readonly directory: string;
  /** `host:port` of the DHT. */
  readonly bootstrap: string;
}

export interface WriterState {
  /** 64 hex digits. */
  readonly key: string;
  readonly port: number;
  readonly length: number;
}

const PROGRAM = new URL("./writer_main.ts", import.meta.url).pathname;
const ROOT = new URL("../../..", import.meta.url).pathname;

/** A writer of a feed in a process of its own, which can be killed and started again on the same directory. */
export class FeedWriter implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";
  #state: WriterState | undefined;

  private constructor(command: string, args: readonly string[]) {
    this.#child = new Deno.Command(command, { args: [...args], cwd: ROOT, stdin: "piped", stdout: "piped" }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start({ directory, bootstrap }: WriterOptions): Promise<FeedWriter> {
    return await FeedWriter.run(Deno.execPath(), ["run", "-A", "--no-check", "--quiet", PROGRAM, directory, bootstrap]);
  }

  /** Any program that keeps the same lines. */
  static async run(command: string, args: readonly string[]): Promise<FeedWriter> {
    const writer = new FeedWriter(command, args);
    await writer.#hear();
    return writer;
  }

  get state(): WriterState {
    if (this.#state === undefined) throw new Error("the writer has not spoken yet");
    return this.#state;
  }

  async append(block: Uint8Array): Promise<void> {
    await this.#say(`append ${block.toHex()}`);
  }

  /** Appends `count` blocks of `size` bytes, as `blockOf` makes them. */
  async fill(count: number, size: number): Promise<void> {
    await this.#say(`fill ${count} ${size}`);
  }

  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    await this.#child.status;
    await this.#writer.abort().catch(() => {});
    await this.#reader.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #say(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
    await this.#hear();
  }

  async #hear(): Promise<void> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("the writer ended");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    this.#state = JSON.parse(this.#rest.slice(0, end)) as WriterState;
    this.#rest = this.#rest.slice(end + 1);
  }
}
