import { loadConfig } from "@/config/mod.ts";
import { wantsHelp } from "../command_options.ts";
import { createTerminal, styled, type Terminal } from "../terminal.ts";
import { askNode } from "./ask.ts";
import { readStatus, type Status } from "./reading.ts";

const HELP = `wavs status: how a running node is

  wavs status                    the node of the configuration that wavs run would read from here
  wavs status --home /etc/wavs   with the flags of wavs run, such as --port 9000
  wavs status --json             for programs

  Exits 0 when every chain is healthy, 1 when one is not, 75 when no node answers.`;

/**
 * `wavs status`.
 *
 * @returns the exit code
 * @throws WavsError `node_unreachable`, retryable; `node_refused`
 */
export async function runStatus(args: readonly string[], terminal: Terminal = createTerminal()): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const { config } = loadConfig({ args: args.filter((argument) => argument !== "--json") });
  const status = readStatus(await askNode(config));
  if (args.includes("--json")) terminal.line(JSON.stringify(status, undefined, 2));
  else print(status, terminal);
  return status.chains.every(({ problem }) => problem === undefined) ? 0 : 1;
}

function print({ url, node, services, events, peers, chains }: Status, terminal: Terminal): void {
  const row = (name: string, text: string) => terminal.line(`  ${name.padEnd(10)}${text}`);
  row("node", `${node} at ${url}`);
  row("services", String(services));
  for (const { chain, problem, lagBlocks } of chains) {
    const lag = lagBlocks === undefined ? "" : `, ${lagBlocks} blocks behind`;
    row("chain", problem === undefined ? `${chain}${lag}` : styled(terminal, "red", `${chain}: ${problem}`));
  }
  const counted = Object.entries(events).filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`);
  row("events", counted.length === 0 ? "none yet" : counted.join(", "));
  row("peers", peers === undefined ? "no other operators (p2p is disabled)" : String(peers));
}
