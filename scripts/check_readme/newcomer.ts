import { freePort } from "@tests/support/free_port.ts";

/** How long one command may take; compiling and building on a busy machine are the longest. */
const COMMAND_TIMEOUT_MS = 180_000;

/** How long a node may take until it says that it is ready, and until it has stopped. */
const NODE_TIMEOUT_MS = 30_000;

/** Variables that say how this machine reaches the network, and what it compiles with. */
const PASSED_ON =
  /^(?:.*_PROXY|.*_proxy|NPM_CONFIG_.*|DENO_CERT|DENO_TLS_CA_STORE|SSL_CERT_.*|DENO_FOR_COMPILE|DENORT_BIN)$/;

/** Somebody who types what the README shows: in a checkout, and in an empty directory with `wavs` on the path. */
export class Newcomer implements AsyncDisposable {
  readonly #root: string;
  readonly #place: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #port: number;
  readonly #running: { readonly command: string; readonly child: Deno.ChildProcess; readonly said: Promise<string> }[] =
    [];

  private constructor(root: string, place: string, options: { readonly port: number; readonly denoDir: string }) {
    this.#root = root;
    this.#place = place;
    this.#port = options.port;
    this.#env = {
      PATH: `${place}/bin:${Deno.env.get("PATH")}`,
      // Neither a configuration nor a variable of whoever runs this may help.
      HOME: `${place}/home`,
      DENO_DIR: options.denoDir,
      WAVS_PORT: String(options.port),
      NO_COLOR: "1",
      ...Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => PASSED_ON.test(name))),
    };
  }

  static async arrive(root: string): Promise<Newcomer> {
    const place = await Deno.makeTempDir({ prefix: "wavs-readme-" });
    for (const directory of ["bin", "home"]) await Deno.mkdir(`${place}/${directory}`);
    await Deno.writeTextFile(
      `${place}/bin/wavs`,
      `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet --no-prompt -A '${root}main.ts' "$@"\n`,
      { mode: 0o755 },
    );
    await Deno.symlink(Deno.execPath(), `${place}/bin/deno`);
    await Deno.symlink(`${root}dist`, `${place}/dist`);
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
    const { denoDir } = JSON.parse(new TextDecoder().decode(stdout)) as { readonly denoDir: string };
    return new Newcomer(root, place, { port: freePort(), denoDir });
  }

  /** Runs a command to its end. @returns what it printed @throws Error unless it exits with 0 in time */
  async runs(command: string): Promise<string> {
    const child = this.#spawn(command);
    const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_TIMEOUT_MS);
    const [{ code, signal }, said] = await Promise.all([child.status, textOf(child)]);
    clearTimeout(timer);
    if (signal !== null) throw new Error(`not done after ${COMMAND_TIMEOUT_MS} ms; it said:\n${said}`);
    if (code !== 0) throw new Error(`it exits with ${code} and says:\n${said}`);
    return said;
  }

  /** Starts a command that stays up until the newcomer leaves. @throws Error when it ends, or does not answer in time */
  async starts(command: string): Promise<void> {
    const child = this.#spawn(command);
    const said = textOf(child);
    let ended = false;
    void child.status.then(() => ended = true);
    const deadlineMs = performance.now() + NODE_TIMEOUT_MS;
    while (!await answers(this.#port)) {
      if (ended) throw new Error(`it ends and says:\n${await said}`);
      if (performance.now() > deadlineMs) {
        child.kill("SIGKILL");
        throw new Error(`it does not answer after ${NODE_TIMEOUT_MS} ms; it said:\n${await said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    this.#running.push({ command, child, said });
  }

  /** Has the node judge a configuration; that its chains are not there is no fault of it. */
  async readsConfiguration(toml: string): Promise<void> {
    const home = await Deno.makeTempDir({ dir: this.#place });
    await Deno.writeTextFile(`${home}/wavs.toml`, toml);
    const child = this.#spawn(`wavs doctor --json --home ${home}`);
    const [said] = await Promise.all([textOf(child), child.status]);
    const { findings } = JSON.parse(said) as { readonly findings: readonly Record<string, string>[] };
    const wrong = findings.filter(({ name, state }) => name === "configuration" && state !== "ok");
    if (wrong.length > 0) throw new Error(`the README shows a configuration of which is said: ${wrong[0]?.detail}`);
  }

  /** Stops what stays up. @throws Error unless it ends with 0 */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { command, child, said } of this.#running) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), NODE_TIMEOUT_MS);
      const { code } = await child.status;
      clearTimeout(timer);
      if (code !== 0) throw new Error(`"${command}" ends with ${code} after SIGTERM and says:\n${await said}`);
    }
    await Deno.remove(this.#place, { recursive: true });
  }

  #spawn(command: string): Deno.ChildProcess {
    return new Deno.Command("sh", {
      args: ["-c", `exec ${command.replaceAll("127.0.0.1:8000", `127.0.0.1:${this.#port}`)}`],
      cwd: /^(?:deno|npx) /.test(command) ? this.#root : this.#place,
      env: this.#env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }
}

async function textOf({ stdout, stderr }: Deno.ChildProcess): Promise<string> {
  return (await Promise.all([new Response(stdout).text(), new Response(stderr).text()])).join("");
}

async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/info`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true;
}
