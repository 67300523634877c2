import { runCargo } from "./cargo.ts";

/** The program of tests/interop/rust, which answers with the crates other nodes use; `undefined` without a toolchain. */
export interface RustOracle extends AsyncDisposable {
  /** Answers in the order of the questions. */
  ask(questions: readonly string[]): Promise<readonly string[]>;
}

const WORKSPACE = new URL("../interop/rust/", import.meta.url).pathname;

/** Where it is built: outside of the repository, so that a clean checkout finds it again. */
function targetDirectory(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${cache}/wavs-interop-rust`;
}

/**
 * Builds a program of the workspace, which takes half a minute once.
 *
 * @returns its path, or why it cannot be had on this machine
 */
export async function buildRust(
  program: string,
): Promise<{ readonly path: string } | { readonly absent: string }> {
  const args = ["build", "--release", "--locked", "--quiet", "--package", program];
  // A program that does not compile is a defect and throws.
  const absent = await runCargo(args, { cwd: WORKSPACE, env: { CARGO_TARGET_DIR: targetDirectory() } });
  return absent ?? { path: `${targetDirectory()}/release/${program}` };
}

/** Starts the oracle at `path`. */
export function startRustOracle(path: string): RustOracle {
  const child = new Deno.Command(path, { stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  return {
    ask: async (questions) => {
      const sent = writer.write(new TextEncoder().encode(questions.map((question) => `${question}\n`).join("")));
      const answers: string[] = [];
      while (answers.length < questions.length) {
        const lines = buffered.split("\n");
        buffered = lines.pop() ?? "";
        answers.push(...lines);
        if (answers.length >= questions.length) break;
        const { value, done } = await reader.read();
        if (done) throw new Error(`the oracle ended after ${answers.length} of ${questions.length} answers`);
        buffered += value;
      }
      await sent;
      return answers;
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await child.status;
      await reader.cancel();
    },
  };
}
