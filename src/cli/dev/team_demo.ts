import { stringToHex } from "viem";
import { english, generateMnemonic, mnemonicToAccount } from "viem/accounts";
import { systemClock } from "@/context/mod.ts";
import {
  bytesToHex,
  type ComponentDigest,
  type EvmAddress,
  parseEvmAddress,
  type Service,
  serviceIdOf,
  WavsError,
} from "@/domain/mod.ts";
import { linesOf } from "../lines.ts";
import { createTerminal, printMoment, styled, type Terminal } from "../terminal.ts";
import type { Anvil } from "./anvil.ts";
import { createDemoHome, DEV_MNEMONIC } from "./demo_home.ts";
import { demoComponents, openDemoChain, printVerdict, readAnswer, type Step, stepsOf } from "./demo_parts.ts";
import { addTrigger, type DeployedContracts, type DevChain, registerOperator } from "./deploy.ts";
import { EVENT_TIMEOUT_MS, MEETING_POLL_MS, MEETING_TIMEOUT_MS } from "./limits.ts";
import type { Moment } from "./moments.ts";
import { NodeClient } from "./node_client.ts";
import { OperatorProcess } from "./operator_process.ts";
import { publishService } from "./register.ts";
import { demoService } from "./service_document.ts";

export interface TeamDemoOptions {
  readonly once: boolean;
  /** How many operators; two thirds of them must agree. */
  readonly operators: number;
  readonly discovery: "mdns" | "kademlia";
}

/** One operator as the others see it. */
interface Member {
  readonly process: OperatorProcess;
  readonly client: NodeClient;
  readonly url: string;
  /** Pays for its transactions. */
  readonly sender: EvmAddress;
}

interface TeamDemo {
  readonly terminal: Terminal;
  readonly chain: DevChain;
  readonly contracts: DeployedContracts;
  readonly members: readonly Member[];
  readonly clock: { startedAt: number };
}

/** Accounts of the local chain that pay for the operators' transactions; the one before them deploys. */
const FIRST_SENDER_INDEX = 1;

/** What each operator weighs. */
const WEIGHT = 10_000n;

/**
 * The main job by several operators, each a node in a process of its own: they find each other, agree, and one of them
 * brings the answer on chain.
 *
 * @returns the exit code: 0 only if the value read back from the chain is right
 */
export async function runTeamDemo(options: TeamDemoOptions): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const terminal = createTerminal();
  const { operators, discovery, once } = options;
  terminal.line();
  terminal.line(
    `  ${
      styled(terminal, "bold", `wavs dev --operators ${operators}`)
    }: operators that find each other by ${discovery} ` +
      "agree on an answer, and one of them brings it on chain",
  );
  terminal.line();
  const demo = await setUp(terminal, options, stack);
  let x = 7n;
  let ok = await fire(demo, x);
  if (!once) {
    terminal.line();
    terminal.line(`  The nodes stay up: ${demo.members.map(({ url }) => `${url}/p2p/status`).join("  ")}`);
    terminal.line("  Press Enter to fire another event, Ctrl+C to stop.");
    for await (const _ of linesOf(Deno.stdin.readable)) ok = await fire(demo, ++x);
  }
  return ok ? 0 : 1;
}

async function setUp(terminal: Terminal, options: TeamDemoOptions, stack: AsyncDisposableStack): Promise<TeamDemo> {
  const step = stepsOf(terminal);
  const { anvil, chain, contracts } = await openDemoChain(
    step,
    stack,
    ({ manager }) => `service manager ${manager}: two thirds of the weight must sign`,
  );
  const clock = { startedAt: performance.now() };
  const tell = (name: string, { label, detail }: Moment) =>
    printMoment(terminal, {
      label,
      detail: `${styled(terminal, "bold", name)}  ${detail}`,
      atMs: performance.now() - clock.startedAt,
    });
  const members = await step(
    "nodes",
    () => startMembers(anvil, options, { tell, stack }),
    (all) => all.map(({ process, url }) => `${process.name} ${url}`).join(", "),
  );
  const service = await installService({ anvil, chain, contracts, members }, step);
  await step("peers", () => meet(members, service), () => `each hears the ${members.length - 1} others`);
  return { terminal, chain, contracts, members, clock };
}

async function startMembers(
  anvil: Anvil,
  { operators, discovery }: TeamDemoOptions,
  { tell, stack }: { readonly tell: (name: string, moment: Moment) => void; readonly stack: AsyncDisposableStack },
): Promise<Member[]> {
  const start = async (index: number, p2p: string): Promise<Member> => {
    const account = mnemonicToAccount(DEV_MNEMONIC, { addressIndex: FIRST_SENDER_INDEX + index });
    const { privateKey } = account.getHdKey();
    if (privateKey === null) throw new Error("a key was derived without its private half");
    const home = await createDemoHome({
      anvil,
      signingMnemonic: generateMnemonic(english),
      credential: bytesToHex(privateKey),
      settings: [`p2p = ${p2p}`],
    });
    stack.defer(() => Deno.remove(home, { recursive: true }));
    const process = stack.use(new OperatorProcess(`operator ${index + 1}`, home, tell));
    const url = await process.ready();
    return { process, url, client: new NodeClient(url), sender: parseEvmAddress(account.address) };
  };
  if (discovery === "mdns") {
    return await Promise.all(
      Array.from({ length: operators }, (_, index) => start(index, "{ local = { listen_port = 0 } }")),
    );
  }
  const first = await start(0, "{ remote = { listen_port = 0, bootstrap_nodes = [] } }");
  const { listen_addresses } = await peersOf(first);
  const address = listen_addresses.find((text) => text.startsWith("/ip4/127.0.0.1/"));
  const p2p = `{ remote = { listen_port = 0, bootstrap_nodes = [${JSON.stringify(address)}] } }`;
  const others = await Promise.all(Array.from({ length: operators - 1 }, (_, index) => start(index + 1, p2p)));
  return [first, ...others];
}

/** Every operator gets the components and the service, and its key weighs as much as any. */
async function installService(
  { anvil, chain, contracts, members }: {
    readonly anvil: Anvil;
    readonly chain: DevChain;
    readonly contracts: DeployedContracts;
    readonly members: readonly Member[];
  },
  step: Step,
): Promise<Service> {
  const paths = await demoComponents(step);
  const bytes = await Promise.all(paths.map((path) => Deno.readFile(path)));
  const upload = async ({ client }: Member): Promise<[ComponentDigest, ComponentDigest]> => {
    const [square, aggregator] = await Promise.all(bytes.map((wasm) => client.uploadComponent(wasm)));
    if (square === undefined || aggregator === undefined) throw new Error("two components were asked for");
    return [square, aggregator];
  };
  return await step("service", async () => {
    const [[square, aggregator] = []] = await Promise.all(members.map(upload));
    const [first] = members;
    if (first === undefined || square === undefined || aggregator === undefined) throw new Error("there are operators");
    const service = demoService({ chain: `evm:${anvil.chainId}`, contracts, operator: square, aggregator });
    await publishService({ chain, client: first.client }, service);
    for (const { client, sender } of members) {
      await client.registerService(service.manager);
      const signingKey = await client.signerAddress(service.manager);
      await registerOperator(chain, contracts.manager, { operator: sender, signingKey, weight: WEIGHT });
    }
    return service;
  }, ({ name }) => `"${name}" is registered with every operator`);
}

async function meet(members: readonly Member[], service: Service): Promise<void> {
  const topic = `wavs/${serviceIdOf(service.manager)}/topic/v1`;
  const deadline = performance.now() + MEETING_TIMEOUT_MS;
  for (;;) {
    const heard = await Promise.all(
      members.map(async (member) => (await peersOf(member)).topic_peer_counts[topic] ?? 0),
    );
    if (heard.every((count) => count >= members.length - 1)) return;
    if (performance.now() > deadline) {
      throw new WavsError("operators_apart", {
        message:
          `The operators did not find each other within ${MEETING_TIMEOUT_MS} ms; they hear ${heard.join(", ")} ` +
          "others. Where multicast is not allowed, try --discovery kademlia",
        retryable: true,
      });
    }
    await systemClock.sleep(MEETING_POLL_MS);
  }
}

/** As much of `GET /p2p/status` as is needed here (spec/wire.md 5.3). */
interface PeerStatus {
  readonly listen_addresses: readonly string[];
  readonly topic_peer_counts: Readonly<Record<string, number>>;
}

async function peersOf({ url }: Member): Promise<PeerStatus> {
  return await (await fetch(`${url}/p2p/status`)).json() as PeerStatus;
}

/** Fires one event, waits until every operator is done with it, and compares what the handler contract has stored. */
async function fire(demo: TeamDemo, x: bigint): Promise<boolean> {
  const { terminal, chain, contracts, members, clock } = demo;
  terminal.line();
  terminal.line(`  ${styled(terminal, "bold", `{"x":${x}}`)} is sent to the trigger contract ${contracts.trigger}`);
  const before = await transactionsOf(demo);
  for (const { process } of members) process.begin();
  clock.startedAt = performance.now();
  const { triggerId } = await addTrigger(chain, contracts.trigger, stringToHex(`{"x":${x}}`));
  const waited = new AbortController();
  const ends = await Promise.race([
    Promise.all(members.map(({ process }) => process.ended)),
    systemClock.sleep(EVENT_TIMEOUT_MS, waited.signal).then(() => [{ ok: false, reason: "it took too long" }]),
  ]);
  waited.abort();
  const failure = ends.find(({ ok }) => !ok);
  const answer = failure === undefined ? await readAnswer({ chain, contracts }, triggerId) : undefined;
  const atMs = performance.now() - clock.startedAt;
  printMoment(terminal, { label: "read back", detail: `${answer ?? failure?.reason} from the handler contract`, atMs });
  const ok = printVerdict(terminal, { answer, expected: `{"y":${x * x}}` });
  const sent = (await transactionsOf(demo)).map((count, index) => count - (before[index] ?? 0));
  const payers = members.filter((_, index) => (sent[index] ?? 0) > 0).map(({ process }) => process.name);
  const total = sent.reduce((sum, count) => sum + count, 0);
  terminal.line(
    `    ${total} transaction${total === 1 ? "" : "s"} for ${members.length} operators, by ${payers.join(", ")}`,
  );
  return ok;
}

/** How many transactions each operator has sent. */
async function transactionsOf({ chain, members }: TeamDemo): Promise<number[]> {
  return await Promise.all(members.map(({ sender }) => chain.reader.getTransactionCount({ address: sender })));
}
