import { hexToString } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { buildComponents } from "@components/build.ts";
import { simpleSubmit } from "@components/contracts/mod.ts";
import { systemClock } from "@/context/mod.ts";
import { invalidOption } from "../command_options.ts";
import { isFile } from "../is_file.ts";
import { printStep, styled, type Terminal } from "../terminal.ts";
import { type Anvil, startAnvil } from "./anvil.ts";
import { DEV_MNEMONIC } from "./demo_home.ts";
import { connectDevChain, deployContracts, type DeployedContracts, type DevChain } from "./deploy.ts";

/** Does one step of the set-up and prints what came of it. */
export type Step = <Result>(
  label: string,
  work: () => Promise<Result>,
  detail: (result: Result) => string,
) => Promise<Result>;

export function stepsOf(terminal: Terminal): Step {
  return async (label, work, detail) => {
    const startedAt = performance.now();
    const result = await work();
    printStep(terminal, { label, detail: detail(result), elapsedMs: performance.now() - startedAt });
    return result;
  };
}

/** What the handler contract holds for a trigger that was answered. */
export async function readAnswer(
  { chain, contracts }: { readonly chain: DevChain; readonly contracts: DeployedContracts },
  triggerId: bigint,
): Promise<string> {
  const { data } = await chain.reader.readContract({
    address: contracts.submit,
    abi: simpleSubmit.abi,
    functionName: "getSignedData",
    args: [triggerId],
  });
  return hexToString(data);
}

/**
 * Says whether the chain holds what it should.
 *
 * @param expected nothing when only the component knows; then any answer is right
 * @returns whether it does
 */
export function printVerdict(
  terminal: Terminal,
  { answer, expected = answer }: { readonly answer: string | undefined; readonly expected?: string | undefined },
): boolean {
  const ok = answer !== undefined && answer === expected;
  terminal.line();
  terminal.line(
    ok
      ? `  ${styled(terminal, "green", "✔")} the chain holds ${styled(terminal, "bold", answer)}`
      : `  ${styled(terminal, "red", "✘")} the chain holds ${answer ?? "nothing"}, expected ${expected ?? "an answer"}`,
  );
  return ok;
}

/** A fresh local chain with the sample contracts on it. */
export interface DemoChain {
  readonly anvil: Anvil;
  readonly chain: DevChain;
  readonly contracts: DeployedContracts;
}

/**
 * Starts a chain and deploys the contracts: two thirds of the weight must sign.
 *
 * @param describe what is said of the contracts
 */
export async function openDemoChain(
  step: Step,
  stack: AsyncDisposableStack,
  describe: (contracts: DeployedContracts) => string,
): Promise<DemoChain> {
  const anvil = stack.use(
    await step("chain", () => startAnvil({}, { clock: systemClock }), ({ httpUrl }) => `anvil on ${httpUrl}`),
  );
  const account = mnemonicToAccount(DEV_MNEMONIC);
  const chain = connectDevChain({ httpUrl: anvil.httpUrl, chainId: anvil.chainId, account });
  const quorum = { quorumNumerator: 2n, quorumDenominator: 3n };
  const contracts = await step("contracts", () => deployContracts(chain, quorum), describe);
  return { anvil, chain, contracts };
}

/**
 * Builds the components of the demo's service, if they are out of date.
 *
 * @param own path of the operator component that takes the place of `square`
 * @returns the files of the operator component and of the aggregator component
 */
export async function demoComponents(step: Step, own?: string): Promise<readonly string[]> {
  if (own !== undefined && !isFile(own)) {
    throw invalidOption("--component", own, 'the file of a component, which "wavs component build" makes');
  }
  const names = own === undefined ? ["square", "simple_aggregator"] : ["simple_aggregator"];
  const built = await step(
    "components",
    () => buildComponents({ names }),
    (all) => [own ?? [], all.map(({ name, rebuilt }) => `${name}${rebuilt ? " (built)" : ""}`)].flat(2).join(", "),
  );
  return [own ?? [], built.map(({ path }) => path)].flat(2);
}
