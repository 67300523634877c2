import { serializeError, WavsError } from "@/domain/mod.ts";
import { VERSION } from "@/version.ts";
import { COMMANDS } from "./commands.ts";
import { help } from "./help.ts";
import { programForm } from "./self.ts";

/** `0` done, `1` somebody must change something, `75` temporary: please start it again. */
const EXIT_OK = 0;
const EXIT_USER = 1;
const EXIT_TEMPORARY = 75;

/**
 * Runs the command that `args` name.
 *
 * @returns the exit code of the process
 */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    return await runCommand(args);
  } catch (error) {
    return report(error);
  }
}

/** Commands are imported when they run: `--help` needs none of them. */
async function runCommand(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "exec") {
    const { runExec } = await import("./exec/command.ts");
    return await runExec(rest);
  }
  if (command === "component") {
    const { runComponent } = await import("./component/command.ts");
    return await runComponent(rest);
  }
  if (command === "triggers") {
    const { runTriggers } = await import("./triggers/command.ts");
    return await runTriggers(rest);
  }
  if (command === "init") {
    const { runInit } = await import("./init/command.ts");
    return runInit(rest);
  }
  if (command === "doctor") {
    const { runDoctor } = await import("./doctor/command.ts");
    return await runDoctor(rest);
  }
  if (command === "status") {
    const { runStatus } = await import("./status/command.ts");
    return await runStatus(rest);
  }
  if (command === "install-service") {
    const { runInstallService } = await import("./service/command.ts");
    return runInstallService(rest);
  }
  if (command === "completions") {
    const { runCompletions } = await import("./completions/command.ts");
    return runCompletions(rest);
  }
  if (command === "p2p") {
    const { runP2p } = await import("./p2p/command.ts");
    return runP2p(rest);
  }
  if (args.includes("--help") || args.includes("-h") || command === "help") return print(await help());
  if (command === "--version" || command === "version") return print(versionText(rest));
  if (command === undefined || command === "run" || command.startsWith("-")) {
    const { runNode } = await import("./run.ts");
    return await runNode(command === "run" ? rest : args);
  }
  if (command === "dev") {
    const { runDev } = await import("./dev/command.ts");
    return await runDev(rest);
  }
  throw new WavsError("unknown_command", {
    message: `There is no command "${command}"; the commands are ${COMMANDS.map(({ name }) => name).join(", ")}`,
    retryable: false,
  });
}

/** For people, or with `--json` for programs that ask what they run. */
function versionText(args: readonly string[]): string {
  if (!args.includes("--json")) return `wavs ${VERSION}`;
  const { os, arch } = Deno.build;
  return JSON.stringify({ name: "wavs", version: VERSION, form: programForm(), deno: Deno.version.deno, os, arch });
}

function print(text: string): number {
  writeLine(Deno.stdout, text);
  return EXIT_OK;
}

/** One sentence, with the reason below when there is more to know. */
function report(error: unknown): number {
  const { code, message, retryable, cause } = serializeError(error);
  writeLine(Deno.stderr, `wavs: ${message}`);
  if (cause !== undefined && !message.includes(cause.message)) writeLine(Deno.stderr, `  because: ${cause.message}`);
  if (code === "unexpected" && error instanceof Error) writeLine(Deno.stderr, error.stack ?? "");
  return retryable ? EXIT_TEMPORARY : EXIT_USER;
}

function writeLine(output: { writeSync(bytes: Uint8Array): number }, text: string): void {
  output.writeSync(new TextEncoder().encode(`${text}\n`));
}
