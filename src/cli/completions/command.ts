import { runFlags } from "@/config/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import { wantsHelp } from "../command_options.ts";
import { COMMANDS } from "../commands.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { SCRIPTS, type Shell } from "./scripts.ts";

const HELP = `wavs completions: completion for a shell

  wavs completions bash > /etc/bash_completion.d/wavs
  wavs completions zsh > ~/.zfunc/_wavs            where fpath has ~/.zfunc
  wavs completions fish > ~/.config/fish/completions/wavs.fish`;

/** `wavs completions SHELL`. @returns the exit code */
export function runCompletions(args: readonly string[], terminal: Terminal = createTerminal()): number {
  const [shell, extra] = args;
  if (shell === undefined || wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  if (!isShell(shell) || extra !== undefined) {
    throw new WavsError("unknown_shell", {
      message: `Cannot complete for "${args.join(" ")}"; give one of ${Object.keys(SCRIPTS).join(", ")}`,
      retryable: false,
    });
  }
  terminal.line(SCRIPTS[shell]({ commands: COMMANDS, flags: runFlags() }));
  return 0;
}

function isShell(name: string): name is Shell {
  return Object.hasOwn(SCRIPTS, name);
}
