import { stringToHex } from "viem";
import { loadConfig } from "@/config/mod.ts";
import { systemClock } from "@/context/mod.ts";
import { parseComponentDigest } from "@/domain/mod.ts";
import { type Node, startNode } from "@/node.ts";
import { linesOf } from "../lines.ts";
import { createNodeLogging } from "../logging.ts";
import type { Anvil } from "./anvil.ts";
import { demoComponents, openDemoChain, printVerdict, readAnswer, stepsOf } from "./demo_parts.ts";
import { createDemoHome } from "./demo_home.ts";
import { addTrigger, type DeployedContracts, type DevChain } from "./deploy.ts";
import { EVENT_TIMEOUT_MS } from "./limits.ts";
import { NodeClient } from "./node_client.ts";
import { registerService } from "./register.ts";
import { demoService } from "./service_document.ts";
import { createTerminal, printMoment, styled, type Terminal } from "../terminal.ts";
import { Trace } from "./trace.ts";

export interface DemoOptions {
  /** Fire one event, check the answer and end, instead of staying up. */
  readonly once: boolean;
  /** An author's component, which runs instead of the sample. */
  readonly own: OwnComponent | undefined;
}

export interface OwnComponent {
  /** Of an operator component. */
  readonly path: string;
  /** What the first event carries. */
  readonly input: string;
}

/** An event to fire. */
interface Firing {
  readonly input: string;
  /** What the component answers, when that is known. */
  readonly expected?: string;
}

interface Demo {
  readonly terminal: Terminal;
  readonly chain: DevChain;
  readonly contracts: DeployedContracts;
  readonly node: Node;
  readonly trace: Trace;
}

/**
 * The main job with real parts on one machine: a chain, contracts, components, the node, an event, the answer.
 *
 * @returns the exit code: 0 only if the value read back from the chain is right
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const terminal = createTerminal();
  terminal.line();
  terminal.line(
    `  ${styled(terminal, "bold", "wavs dev")}: a chain event runs a sandboxed component and lands on chain`,
  );
  terminal.line();
  const { once, own } = options;
  const demo = await setUp(terminal, own, stack);
  let x = 7n;
  let ok = await fire(demo, own === undefined ? squareOf(x) : own);
  if (!once) {
    printUrls(demo, own === undefined ? "Press Enter to fire another event" : "Type a line to fire an event with it");
    for await (const line of linesOf(Deno.stdin.readable)) {
      ok = await fire(demo, own === undefined ? squareOf(++x) : { input: line });
    }
  }
  return ok ? 0 : 1;
}

function squareOf(x: bigint): Firing {
  return { input: `{"x":${x}}`, expected: `{"y":${x * x}}` };
}

async function setUp(terminal: Terminal, own: OwnComponent | undefined, stack: AsyncDisposableStack): Promise<Demo> {
  const step = stepsOf(terminal);
  const { anvil, chain, contracts } = await openDemoChain(
    step,
    stack,
    ({ manager, submit }) => `service manager ${manager}, handler ${submit}`,
  );
  const paths = await demoComponents(step, own?.path);
  const trace = new Trace(terminal);
  const node = stack.use(await step("node", () => startDemoNode(anvil, trace, stack), ({ url }) => url));
  const client = new NodeClient(node.url);
  const digests = await step(
    "upload",
    () => Promise.all(paths.map((path) => Deno.readFile(path).then((bytes) => client.uploadComponent(bytes)))),
    (all) => all.map((digest) => `${digest.slice(0, 12)}…`).join(", "),
  );
  const [operator, aggregator] = digests.map(parseComponentDigest);
  if (operator === undefined || aggregator === undefined) throw new Error("two components were asked for");
  const service = demoService({ chain: `evm:${anvil.chainId}`, contracts, operator, aggregator });
  await step(
    "service",
    () => registerService({ chain, client }, service),
    (signer) => `registered, signs as ${signer}`,
  );
  return { terminal, chain, contracts, node, trace };
}

/** A node as `deno task start` runs it, from a configuration file of its own in a fresh directory. */
async function startDemoNode(anvil: Anvil, trace: Trace, stack: AsyncDisposableStack): Promise<Node> {
  const home = await createDemoHome({ anvil });
  stack.defer(() => Deno.remove(home, { recursive: true }));
  // Only what the file says: a variable meant for another node must not reach the demo's.
  const { config } = loadConfig({ args: ["--home", home], env: {} });
  return await startNode(config, {
    ...createNodeLogging(config, "pretty"),
    readEnv: (name) => Deno.env.get(name),
    observe: (change, journal) => trace.observe(change, journal),
  });
}

/** Fires one event and compares what the handler contract has stored in the end. */
async function fire(demo: Demo, { input, expected }: Firing): Promise<boolean> {
  const { terminal, chain, contracts, trace } = demo;
  terminal.line();
  terminal.line(`  ${styled(terminal, "bold", input)} is sent to the trigger contract ${contracts.trigger}`);
  trace.begin();
  const { triggerId } = await addTrigger(chain, contracts.trigger, stringToHex(input));
  const end = await Promise.race([
    trace.ended,
    systemClock.sleep(EVENT_TIMEOUT_MS).then(() => ({ ok: false, reason: `not done after ${EVENT_TIMEOUT_MS} ms` })),
  ]);
  const answer = end.ok ? await readAnswer({ chain, contracts }, triggerId) : undefined;
  const atMs = trace.elapsedMs;
  printMoment(terminal, { label: "read back", detail: `${answer ?? end.reason} from the handler contract`, atMs });
  return printVerdict(terminal, { answer, expected });
}

function printUrls({ terminal, node }: Demo, how: string): void {
  terminal.line();
  terminal.line(`  The node stays up: ${node.url}/services  ${node.url}/health  ${node.url}/dev/trigger-streams`);
  terminal.line(`  ${how}, Ctrl+C to stop.`);
}
