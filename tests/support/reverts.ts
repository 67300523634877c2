import { BaseError, ContractFunctionRevertedError, type Hex } from "viem";

/** How a contract call was refused. */
export interface Revert {
  readonly errorName: string | undefined;
  readonly args: readonly unknown[];
  readonly data: Hex | undefined;
}

/**
 * The revert that ends `call`.
 *
 * @throws Error when the call succeeds; whatever the call throws when that is no revert
 */
export async function revertOf(call: Promise<unknown>): Promise<Revert> {
  try {
    await call;
  } catch (error) {
    const revert = error instanceof BaseError
      ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
      : undefined;
    if (!(revert instanceof ContractFunctionRevertedError)) throw error;
    return { errorName: revert.data?.errorName, args: revert.data?.args ?? [], data: revert.raw };
  }
  throw new Error("The call was expected to revert, but it succeeded");
}
