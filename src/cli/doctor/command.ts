import { type Config, loadConfig } from "@/config/mod.ts";
import { createContext } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";
import { wantsHelp } from "../command_options.ts";
import { createNodeLogging } from "../logging.ts";
import { createTerminal, styled, type Terminal } from "../terminal.ts";
import { checkChains, checkData, checkKeys, checkPort, fail, ok, warn } from "./checks.ts";
import type { Finding } from "./types.ts";

const HELP = `wavs doctor: what is missing or wrong, and how to mend it

  wavs doctor                    the node that "wavs run" would start from here
  wavs doctor --home /etc/wavs   with the flags of wavs run
  wavs doctor --json             for programs

  Looks at the configuration, the keys, the data directory, the port and every endpoint of every chain. Changes nothing;
  a node may be running meanwhile. Exits 1 when something keeps the node from working.`;

/** `wavs doctor`. @returns the exit code */
export async function runDoctor(args: readonly string[], terminal: Terminal = createTerminal()): Promise<number> {
  if (wantsHelp(args)) {
    terminal.line(HELP);
    return 0;
  }
  const findings = await examine(args.filter((argument) => argument !== "--json"));
  if (args.includes("--json")) terminal.line(JSON.stringify({ findings }, undefined, 2));
  else print(findings, terminal);
  return findings.some(({ state }) => state === "fail") ? 1 : 0;
}

async function examine(args: readonly string[]): Promise<readonly Finding[]> {
  const name = "configuration";
  let config: Config;
  let findings: readonly Finding[];
  try {
    const loaded = loadConfig({ args });
    config = loaded.config;
    findings = [
      loaded.path === undefined
        ? warn(name, "no wavs.toml was found", 'write one with "wavs init", or name its directory with --home')
        : ok(name, `"${loaded.path}"`),
      ...loaded.notes.filter(({ level }) => level === "warn").map(({ message }) =>
        warn(name, message, "as it says; the node starts all the same")
      ),
    ];
  } catch (error) {
    return [fail(name, describeError(error), "correct it and look again")];
  }
  const { log } = createNodeLogging(config, "json", () => {});
  const context = createContext({ log, signal: new AbortController().signal });
  const { findings: data, isRunning } = checkData(config);
  const { findings: keys, payer } = await checkKeys(config, context);
  return [...findings, ...keys, ...data, checkPort(config, isRunning), ...await checkChains(config, payer, context)];
}

const MARKS = { ok: ["green", "✔"], warn: ["cyan", "!"], fail: ["red", "✘"] } as const;

function print(findings: readonly Finding[], terminal: Terminal): void {
  for (const { name, state, detail, fix } of findings) {
    const [style, mark] = MARKS[state];
    terminal.line(`  ${styled(terminal, style, mark)} ${name.padEnd(16)}${detail}`);
    if (fix !== undefined) terminal.line(`    ${" ".repeat(16)}${styled(terminal, "dim", `→ ${fix}`)}`);
  }
  const failed = findings.filter(({ state }) => state === "fail").length;
  const warned = findings.filter(({ state }) => state === "warn").length;
  terminal.line();
  terminal.line(failed === 0 ? `Nothing to mend, ${warned} to look at` : `${failed} to mend, ${warned} to look at`);
}
