import { linesOf } from "@/cli/lines.ts";
import { until } from "./until.ts";

/** What a peer of the Rust program says; see tests/interop/rust/gossip_peer. */
export interface RustPeerReport {
  readonly kind: string;
  readonly peer?: string;
  readonly address?: string;
  readonly topic?: string;
  readonly from?: string;
  readonly through?: string;
  readonly data?: string;
  readonly answer?: string;
  readonly reason?: string;
}

export interface RustPeerOptions {
  /** `alone`: it finds nobody by itself. */
  readonly mode: "local" | "remote" | "alone";
  readonly bootstrap?: readonly string[];
  /** The longest frame it takes; default that of other nodes. */
  readonly longestFrame?: number;
}

/** A peer on the crates that other nodes use, in a process of its own. */
export class RustPeer implements AsyncDisposable {
  readonly reports: RustPeerReport[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reading: Promise<void>;

  private constructor(program: string, args: readonly string[]) {
    this.#child = new Deno.Command(program, { args: [...args], stdin: "piped", stdout: "piped" }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  static async start(
    program: string,
    { mode, bootstrap = [], longestFrame = 65_536 }: RustPeerOptions,
  ): Promise<RustPeer> {
    const peer = new RustPeer(program, [mode, String(longestFrame), ...bootstrap]);
    await until("the Rust peer listens", () => peer.reports.some(({ kind }) => kind === "listening"));
    return peer;
  }

  get #listening(): RustPeerReport {
    const report = this.reports.find(({ kind }) => kind === "listening");
    if (report === undefined) throw new Error("it does not listen yet");
    return report;
  }

  get peerId(): string {
    return this.#listening.peer ?? "";
  }

  /** Where it is, with its id. */
  get address(): string {
    return this.#listening.address ?? "";
  }

  /** The data of the messages that came by a topic, as hex, in the order in which they came. */
  heard(topic: string): string[] {
    return this.reports.filter((report) => report.kind === "message" && report.topic === topic)
      .map(({ data = "" }) => data);
  }

  async tell(command: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${command}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) this.reports.push(JSON.parse(line) as RustPeerReport);
  }
}
