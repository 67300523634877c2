import { type Abi, type Address, encodeFunctionData, type Hex, toEventSelector } from "viem";
import { type Contract, logSpam } from "@components/contracts/mod.ts";
import { testContext } from "@/chains/evm/testing/context.ts";
import { createHttpEndpoint } from "@/chains/mod.ts";
import { parseBytes32 } from "@/domain/mod.ts";
import type { Anvil } from "./anvil.ts";
import { connectOwner, deployContract, OWNER_INDEX, testAccount } from "./contracts.ts";

/** Topic 0 of what {@link LogSpammer} has logged. */
export const SPAM = parseBytes32(toEventSelector("Spam(uint256)"));

const OWNER = testAccount(OWNER_INDEX).address;

/** A way to have real logs made and to ask anvil for what only anvil does. */
export class LogSpammer {
  readonly contract: Address;
  readonly #anvil: Anvil;
  #nextId = 0n;

  private constructor(anvil: Anvil, contract: Address) {
    this.#anvil = anvil;
    this.contract = contract;
  }

  static async deploy(anvil: Anvil): Promise<LogSpammer> {
    const contract: Contract<Abi> = logSpam;
    return new LogSpammer(anvil, await deployContract(connectOwner(anvil), contract, []));
  }

  /** Mines one block with `count` logs; resolves once it is mined, which is later than when the transaction is taken. */
  async emit(count = 1): Promise<void> {
    await this.rpc("eth_sendTransactionSync", [this.transaction(count)]);
  }

  /** The transaction of {@link emit}, as anvil takes it. */
  transaction(count: number): { readonly from: Address; readonly to: Address; readonly data: Hex; readonly gas: Hex } {
    const args = [this.#nextId, BigInt(count)] as const;
    this.#nextId += BigInt(count);
    const data = encodeFunctionData({ abi: logSpam.abi, functionName: "emitSpam", args });
    return { from: OWNER, to: this.contract, data, gas: "0x1c9c380" };
  }

  rpc(method: string, params: readonly unknown[]): Promise<unknown> {
    return createHttpEndpoint(this.#anvil.httpUrl, testContext()).request(method, params);
  }

  /** The logs that are in the chain now, as their events are identified, sorted. */
  async canonical(): Promise<readonly string[]> {
    const logs = await this.rpc("eth_getLogs", [{ fromBlock: "0x0", toBlock: "latest", address: this.contract }]);
    return (logs as { blockHash: string; logIndex: string }[]).map(({ blockHash, logIndex }) =>
      `evm:31337/${blockHash}/${BigInt(logIndex)}`
    ).sort();
  }
}
