/** A command of the program, for help and completion. */
export interface CommandEntry {
  readonly name: string;
  readonly help: string;
  readonly subcommands: readonly string[];
}

/** Every command, in the order in which a newcomer meets them. */
export const COMMANDS: readonly CommandEntry[] = [
  command("dev", "the whole main job on this machine, with a local chain"),
  command("init", "write a configuration and a new mnemonic"),
  command("doctor", "find what is missing or wrong, and how to mend it"),
  command("run", "the node"),
  command("install-service", "a systemd unit for the node"),
  command("status", "how a running node is"),
  command("exec", "run a component once"),
  command("component", "make, build, inspect and clean up components", ["new", "build", "inspect", "gc"]),
  command("triggers", "what fired, and what did not", ["gaps", "explain"]),
  command("p2p", "the network between operators", ["identity"]),
  command("completions", "completion for a shell", ["bash", "zsh", "fish"]),
  command("version", "what this is; --json for programs"),
  command("help", "examples and every flag"),
];

function command(name: string, help: string, subcommands: readonly string[] = []): CommandEntry {
  return { name, help, subcommands };
}
