import { type CommandOptions, invalidOption, optionsHelp, parseCommand, wantsHelp } from "../command_options.ts";
import { createTerminal } from "../terminal.ts";
import { MAX_OPERATORS } from "./limits.ts";

const OPTIONS = {
  once: { type: "boolean", help: "Fire one event, check the answer and end" },
  component: { type: "string", value: "FILE", help: "An operator component of yours, instead of square" },
  input: { type: "string", value: "TEXT", help: "What its events carry; each line that you type is another one" },
  operators: {
    type: "string",
    value: "N",
    help: `Nodes of as many operators in processes of their own, 1 to ${MAX_OPERATORS}`,
  },
  discovery: { type: "string", value: "HOW", help: "How they find each other: mdns (default) or kademlia" },
} as const satisfies CommandOptions;

/** What the demo itself starts its operators with. */
const OPERATOR = "--operator";

const HELP = `wavs dev: the whole main job on this machine, with a local chain

  wavs dev                       a chain, contracts, components, a node; an event for every Enter
  wavs dev --once                one event; exits 0 only if the answer on chain is right
  wavs dev --component hello.wasm --input world --once
                                 a component of yours; exits 0 only if what it answers lands on chain
  wavs dev --operators 3         three nodes that find each other and agree; one of them pays

Options
${optionsHelp(OPTIONS)}`;

/**
 * `wavs dev …`. What it needs is imported when it runs.
 *
 * @returns the exit code
 */
export async function runDev(args: readonly string[]): Promise<number> {
  if (wantsHelp(args)) {
    createTerminal().line(HELP);
    return 0;
  }
  const [first, home] = args;
  if (first === OPERATOR && home !== undefined) {
    const { runDemoOperator } = await import("./operator.ts");
    return await runDemoOperator(home);
  }
  const { options } = parseCommand("dev", OPTIONS, args);
  const { once, component, input } = options;
  if (input !== undefined && component === undefined) {
    throw invalidOption("--input", input, "it together with --component FILE, since square chooses its own");
  }
  if (options.operators === undefined) {
    const { runDemo } = await import("./demo.ts");
    return await runDemo({ once, own: component === undefined ? undefined : { path: component, input: input ?? "" } });
  }
  if (component !== undefined) throw invalidOption("--component", component, "it without --operators");
  const operators = Number(options.operators);
  if (!Number.isInteger(operators) || operators < 1 || operators > MAX_OPERATORS) {
    throw invalidOption("--operators", options.operators, `a number from 1 to ${MAX_OPERATORS}`);
  }
  const { discovery = "mdns" } = options;
  if (discovery !== "mdns" && discovery !== "kademlia") {
    throw invalidOption("--discovery", discovery, '"mdns" or "kademlia"');
  }
  const { runTeamDemo } = await import("./team_demo.ts");
  return await runTeamDemo({ once, operators, discovery });
}
