import type { Parties } from "@/cli/dev/register.ts";
import { serviceOf, simpleAggregator, type WorkflowDraft } from "@/cli/dev/service_document.ts";
import type { ComponentDigest, Service, ServiceStatus } from "@/domain/mod.ts";
import { type Anvil, startAnvil } from "./anvil.ts";
import { uploadSamples } from "./components.ts";
import { deployContracts, type TestDeployment } from "./contracts.ts";
import { freePort } from "./free_port.ts";
import { createHome, type NodeHome } from "./node_home.ts";
import { startTestNode, type TestNode } from "./node.ts";

/** A chain with the sample contracts on it. */
export interface StageChain extends AsyncDisposable {
  readonly anvil: Anvil;
  readonly key: string;
  readonly contracts: TestDeployment;
}

/** Chains, and a node that knows them and has the sample components. */
export interface Stage extends AsyncDisposable {
  readonly chains: readonly StageChain[];
  readonly home: NodeHome;
  /** The one that runs now. */
  readonly node: TestNode;
  /** Stops the node and starts it again on the same data. */
  restart(): Promise<void>;
  readonly samples: Readonly<Record<"echo" | "square" | "simple_aggregator", ComponentDigest>>;
}

export async function startChain(chainId = 31_337): Promise<StageChain> {
  const anvil = await startAnvil({ chainId });
  const contracts = await deployContracts(anvil);
  return { anvil, key: `evm:${chainId}`, contracts, [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose]() };
}

/** @param settings keys of the node's `[wavs]` and their TOML values */
export async function openStage(
  chainIds: readonly number[] = [31_337],
  settings: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const chains: StageChain[] = [];
  for (const chainId of chainIds) chains.push(stack.use(await startChain(chainId)));
  const home = stack.use(
    await createHome({
      chains: chains.map(({ anvil }) => anvil),
      // The same after a restart: managers name documents by the node's own URL.
      settings: { port: String(freePort()), ...settings },
    }),
  );
  let node = await startTestNode(home);
  stack.defer(() => node[Symbol.asyncDispose]());
  const samples = await uploadSamples(node.client, ["echo", "square", "simple_aggregator"]);
  const running = stack.move();
  return {
    chains,
    home,
    samples,
    get node() {
      return node;
    },
    restart: async () => {
      await node[Symbol.asyncDispose]();
      node = await startTestNode(home);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The first chain of a stage. */
export function firstChain({ chains }: Stage): StageChain {
  const [chain] = chains;
  if (chain === undefined) throw new Error("the stage has no chain");
  return chain;
}

/** Those who set up a service of this chain. */
export function partiesOf({ node }: Pick<Stage, "node">, { contracts }: StageChain): Parties {
  return { chain: contracts.chain, client: node.client };
}

export interface AnswerOptions {
  readonly component: ComponentDigest;
  readonly aggregator: ComponentDigest;
}

/** A workflow from a chain's trigger contract through a component to its `SimpleSubmit`. */
export function answerWorkflow(
  { key, contracts }: StageChain,
  { component, aggregator }: AnswerOptions,
): WorkflowDraft {
  return {
    trigger: { chain: key, contract: contracts.trigger },
    component: { source: { digest: component } },
    submit: simpleAggregator(aggregator, { chain: key, handler: contracts.submit }),
  };
}

/** A service whose manager is on this chain. */
export function stageService(
  { key, contracts }: StageChain,
  workflows: Readonly<Record<string, WorkflowDraft>>,
  status: ServiceStatus = "active",
): Service {
  return serviceOf({ name: "test", manager: { chain: key, address: contracts.manager }, status, workflows });
}
