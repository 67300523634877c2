import { english, generateMnemonic } from "viem/accounts";
import { registerOperator } from "@/cli/dev/deploy.ts";
import { NodeClient } from "@/cli/dev/node_client.ts";
import { publishService } from "@/cli/dev/register.ts";
import { demoService } from "@/cli/dev/service_document.ts";
import { type EvmAddress, parseEvmAddress, type Service, type ServiceId, serviceIdOf } from "@/domain/mod.ts";
import { topicOf } from "@/p2p/mod.ts";
import type { Anvil } from "./anvil.ts";
import { uploadSamples } from "./components.ts";
import { deployContracts, privateKeyOf, settledBlock, testAccount, type TestDeployment } from "./contracts.ts";
import { freePort } from "./free_port.ts";
import { createHome, type NodeHome } from "./node_home.ts";
import { NodeProcess } from "./node_process.ts";
import { Relay } from "./relay.ts";
import { until } from "./until.ts";

/** Accounts of the local chain that pay for operators' transactions, and for nothing else. */
const FIRST_SENDER_INDEX = 5;

const WEIGHT = 10_000n;

export interface TeamOptions {
  readonly anvil: Anvil;
  readonly count: number;
  /** Default `remote`: the first operator's node is where the others begin. */
  readonly discovery?: "local" | "remote";
  /** Whether the operators reach each other through {@link Team.relays} alone; only with `remote`. */
  readonly relayed?: boolean;
  /** Keys of `[wavs]` and their TOML values, for all. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** As much of `GET /p2p/status` as is needed here. */
export interface OperatorPeers {
  readonly listen_addresses: readonly string[];
  readonly topic_peer_counts: Readonly<Record<string, number>>;
}

/** One operator with a node in a process of its own, which can be killed and started again. */
export class Operator implements AsyncDisposable {
  readonly url: string;
  readonly client: NodeClient;
  /** Pays for its transactions. */
  readonly sender: EvmAddress;
  readonly #home: NodeHome;
  #process: NodeProcess | undefined;

  private constructor(home: NodeHome, port: number, sender: EvmAddress) {
    this.url = `http://127.0.0.1:${port}`;
    this.client = new NodeClient(this.url);
    this.sender = sender;
    this.#home = home;
  }

  /** @param p2p the value of `p2p` in its configuration */
  static async create(index: number, p2p: string, { anvil, settings = {} }: TeamOptions): Promise<Operator> {
    const port = freePort();
    const account = testAccount(FIRST_SENDER_INDEX + index);
    const home = await createHome({
      chains: [anvil],
      settings: {
        port: `${port}`,
        signing_mnemonic: JSON.stringify(generateMnemonic(english)),
        aggregator_evm_credential: JSON.stringify(privateKeyOf(account)),
        p2p,
        ...settings,
      },
    });
    return new Operator(home, port, parseEvmAddress(account.address));
  }

  get data(): string {
    return this.#home.data;
  }

  async start(): Promise<void> {
    this.#process = new NodeProcess(["run", "--home", this.#home.path]);
    await this.#process.ready(this.url);
  }

  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    await this.#process?.kill(signal);
    this.#process = undefined;
  }

  async peers(): Promise<OperatorPeers> {
    return await peersOf(this.url);
  }

  /** Where it listens for other operators on this machine. */
  async address(): Promise<string> {
    const { listen_addresses } = await this.peers();
    const address = listen_addresses.find((text) => text.startsWith("/ip4/127.0.0.1/"));
    if (address === undefined) throw new Error(`it listens at ${listen_addresses.join(", ")}`);
    return address;
  }

  async metrics(): Promise<string> {
    return await (await fetch(`${this.url}/metrics`)).text();
  }

  /** The sum of a metric over its labels. */
  async metric(name: string): Promise<number> {
    const lines = (await this.metrics()).split("\n").filter((line) => line.startsWith(name));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#home[Symbol.asyncDispose]();
  }
}

/** Operators of one service, two thirds of whom must agree. */
export interface Team extends AsyncDisposable {
  readonly operators: readonly Operator[];
  readonly contracts: TestDeployment;
  readonly serviceId: ServiceId;
  /** What the operators' connections go through, by operator; none without `relayed`. */
  readonly relays: readonly Relay[];
  /** Resolves once each of `operators` sends to all the others what it publishes. */
  meet(operators?: readonly Operator[]): Promise<void>;
}

export async function startTeam(options: TeamOptions): Promise<Team> {
  await using stack = new AsyncDisposableStack();
  const { anvil, count, discovery = "remote", relayed = false } = options;
  const contracts = await deployContracts(anvil);
  const ports = Array.from({ length: count }, freePort);
  const relays = relayed ? ports.map((port) => stack.use(new Relay(port))) : [];
  const bootstrap = `/ip4/127.0.0.1/tcp/${relays[0]?.port ?? ports[0]}`;
  const operators: Operator[] = [];
  for (const [index, port] of ports.entries()) {
    const table = [
      `listen_port = ${port}`,
      ...(discovery === "remote" ? [`bootstrap_nodes = ${JSON.stringify(index === 0 ? [] : [bootstrap])}`] : []),
      ...(relayed ? [`announce_addresses = ["/ip4/127.0.0.1/tcp/${relays[index]?.port}"]`] : []),
    ].join(", ");
    const operator = stack.use(await Operator.create(index, `{ ${discovery} = { ${table} } }`, options));
    await operator.start();
    operators.push(operator);
  }
  const service = await registerEverywhere(anvil, contracts, operators.map(({ client }) => client));
  const serviceId = serviceIdOf(service.manager);
  const running = stack.move();
  const team: Team = {
    operators,
    contracts,
    serviceId,
    relays,
    meet: (those = operators) => allMeet(those.map(({ url }) => url), serviceId),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  await team.meet();
  return team;
}

/** Each operator gets the components and the service, and its key weighs as much as any. */
export async function registerEverywhere(
  anvil: Pick<Anvil, "chainId">,
  contracts: TestDeployment,
  clients: readonly NodeClient[],
): Promise<Service> {
  const { chain } = contracts;
  let service: Service | undefined;
  for (const [index, client] of clients.entries()) {
    const { square, simple_aggregator } = await uploadSamples(client, ["square", "simple_aggregator"]);
    service ??= demoService({
      chain: `evm:${anvil.chainId}`,
      contracts,
      operator: square,
      aggregator: simple_aggregator,
    });
    if (index === 0) await publishService({ chain, client }, service);
    await client.registerService(service.manager);
    const signingKey = await client.signerAddress(service.manager);
    const operator = testAccount(100 + index).address;
    await registerOperator(chain, contracts.manager, { operator, signingKey, weight: WEIGHT });
  }
  await settledBlock(chain);
  if (service === undefined) throw new Error("a team has operators");
  return service;
}

/** As a node at `url` tells it. */
export async function peersOf(url: string): Promise<OperatorPeers> {
  return await (await fetch(`${url}/p2p/status`)).json();
}

/** Resolves once each of the nodes sends to all the others what it publishes for a service. */
export async function allMeet(urls: readonly string[], serviceId: ServiceId): Promise<void> {
  await until("the operators hear each other", async () => {
    const heard = await Promise.all(
      urls.map(async (url) => (await peersOf(url)).topic_peer_counts[topicOf(serviceId)] ?? 0),
    );
    return heard.every((others) => others === urls.length - 1);
  });
}
