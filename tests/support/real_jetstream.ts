import { freePort } from "./free_port.ts";
import { until } from "./until.ts";

const MODULE = "github.com/bluesky-social/jetstream";
const VERSION = "v0.2.0";

/** Set by `deno task test:jetstream-real`: building takes minutes, so only who asks for it waits. */
const BUILD_VARIABLE = "BUILD_JETSTREAM";

interface Binaries {
  readonly jetstream: string;
  readonly simulator: string;
}

/**
 * The real server and its simulator of a network, from the cache outside of the repository.
 *
 * @returns why they cannot be had on this machine, otherwise
 */
export async function findJetstream(): Promise<Binaries | { readonly absent: string }> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  const directory = `${cache}/wavs-jetstream`;
  const binaries = { jetstream: `${directory}/jetstream`, simulator: `${directory}/simulator` };
  if (await exists(binaries.jetstream) && await exists(binaries.simulator)) return binaries;
  if (Deno.env.get(BUILD_VARIABLE) === undefined) {
    return { absent: "it is not built yet; deno task test:jetstream-real builds it where there is Go" };
  }
  return await build(directory) ?? binaries;
}

async function build(directory: string): Promise<{ readonly absent: string } | undefined> {
  try {
    // Not `go install`: it looks for a newer release, which not every module proxy answers.
    const download = await go(["mod", "download", "-json", `${MODULE}@${VERSION}`]);
    if (!download.success) return { absent: `the Go module cannot be had: ${download.text.split("\n", 1)[0]}` };
    const { Dir } = JSON.parse(download.text) as { Dir: string };
    const built = await go(["build", "-o", `${directory}/`, "./cmd/jetstream", "./cmd/simulator"], Dir);
    if (!built.success) throw new Error(built.text);
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { absent: "there is no Go" };
    throw error;
  }
}

async function go(args: string[], cwd?: string): Promise<{ readonly success: boolean; readonly text: string }> {
  const { success, stdout, stderr } = await new Deno.Command("go", { args, ...(cwd === undefined ? {} : { cwd }) })
    .output();
  return { success, text: new TextDecoder().decode(success ? stdout : stderr) };
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A simulated network of repositories with a real Jetstream server that follows it. */
export class RealJetstream implements AsyncDisposable {
  readonly url: string;
  readonly #binaries: Binaries;
  readonly #directory: string;
  readonly #ports: { readonly simulator: number; readonly jetstream: number };
  readonly #simulator: Deno.ChildProcess;
  #server: Deno.ChildProcess | undefined;

  private constructor(binaries: Binaries, directory: string) {
    this.#binaries = binaries;
    this.#directory = directory;
    this.#ports = { simulator: freePort(), jetstream: freePort() };
    this.url = `ws://127.0.0.1:${this.#ports.jetstream}/subscribe`;
    this.#simulator = spawn(binaries.simulator, [
      "serve",
      "--addr",
      `127.0.0.1:${this.#ports.simulator}`,
      "--data-dir",
      `${directory}/simulator`,
      "--accounts",
      "20",
      "--commits-per-sec",
      "40",
    ]);
  }

  static async start(binaries: Binaries): Promise<RealJetstream> {
    const network = new RealJetstream(binaries, await Deno.makeTempDir({ prefix: "wavs-jetstream-" }));
    await until("the simulated network answers", () => answers(network.#ports.simulator));
    await network.startServer();
    return network;
  }

  async startServer(): Promise<void> {
    const { simulator, jetstream } = this.#ports;
    const network = `http://127.0.0.1:${simulator}`;
    this.#server = spawn(this.#binaries.jetstream, [
      "serve",
      "--addr",
      `127.0.0.1:${jetstream}`,
      "--relay-url",
      network,
      "--plc-url",
      network,
      "--data-dir",
      `${this.#directory}/jetstream`,
    ]);
    // Until it has read the whole network it is there, but takes no subscriber.
    await until("the server takes subscribers", () => subscribes(this.url));
  }

  async killServer(): Promise<void> {
    this.#server?.kill("SIGKILL");
    await this.#server?.status;
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killServer();
    this.#simulator.kill("SIGKILL");
    await this.#simulator.status;
    await Deno.remove(this.#directory, { recursive: true });
  }
}

function spawn(path: string, args: string[]): Deno.ChildProcess {
  return new Deno.Command(path, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

function subscribes(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => {
      resolve(true);
      socket.close();
    };
    socket.onclose = () => resolve(false);
    socket.onerror = () => {};
  });
}
