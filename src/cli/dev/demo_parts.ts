import { hexToString } from "viem";
import { simpleSubmit } from "@components/contracts/mod.ts";
import { printStep, styled, type Terminal } from "../terminal.ts";
import type { DeployedContracts, DevChain } from "./deploy.ts";

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

/** Says whether the chain holds what it should. @returns whether it does */
export function printVerdict(
  terminal: Terminal,
  { answer, expected }: { readonly answer: string | undefined; readonly expected: string },
): boolean {
  const ok = answer === expected;
  terminal.line();
  terminal.line(
    ok
      ? `  ${styled(terminal, "green", "✔")} the chain holds ${styled(terminal, "bold", expected)}`
      : `  ${styled(terminal, "red", "✘")} the chain holds ${answer ?? "nothing"}, expected ${expected}`,
  );
  return ok;
}

export async function* linesOfStdin(): AsyncIterable<string> {
  const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const chunk of reader) {
    for (let count = chunk.split("\n").length - 1; count > 0; count--) yield chunk;
  }
}
