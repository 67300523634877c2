import { loadConfig } from "@/config/mod.ts";
import { WavsError } from "@/domain/mod.ts";
import { openIdentity } from "@/p2p/mod.ts";
import { type CommandOptions, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { createTerminal, type Terminal } from "../terminal.ts";

const OPTIONS = {
  home: { type: "string", value: "DIRECTORY", help: "Where wavs.toml is, as for wavs run" },
  data: { type: "string", value: "DIRECTORY", help: "The data directory; default: that of the configuration" },
} as const satisfies CommandOptions;

const HELP = `wavs p2p: the network between operators

  wavs p2p identity              this node's name in it: what others put into bootstrap_nodes and allowed_peers

  The identity is made at the first use and kept in the data directory, readable by its owner only. It is no signing
  key: whoever steals it takes a name, nothing else. Removing the file gives the node another.

Options
${optionsHelp(OPTIONS)}

Example
  [wavs.p2p.remote]
  listen_port = 9000
  bootstrap_nodes = ["/ip4/203.0.113.5/tcp/9000/p2p/12D3KooW…"]`;

/**
 * `wavs p2p …`.
 *
 * @returns the exit code
 * @throws WavsError `p2p_identity_unusable`
 */
export function runP2p(args: readonly string[], terminal: Terminal = createTerminal()): number {
  const [command, ...rest] = args;
  if (command === undefined || wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  if (command !== "identity") {
    throw new WavsError("unknown_command", {
      message: `There is no command "p2p ${command}"; there is p2p identity`,
      retryable: false,
    });
  }
  const { options: { home, data } } = parseCommand("p2p", OPTIONS, rest);
  const directory = data ?? configuredData(home);
  Deno.mkdirSync(directory, { recursive: true });
  terminal.line(openIdentity(directory).peerId);
  return 0;
}

function configuredData(home: string | undefined): string {
  const { config } = loadConfig({ args: home === undefined ? [] : ["--home", home] });
  return config.data;
}
