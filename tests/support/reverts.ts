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
  const revert = await findRevert(call);
  if (revert === undefined) throw new Error("The call was expected to revert, but it succeeded");
  return revert;
}

/**
 * The revert that ends `call`; `undefined` when it succeeds.
 *
 * @throws whatever the call throws when that is no revert
 */
export async function findRevert(call: Promise<unknown>): Promise<Revert | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const revert = error instanceof BaseError
      ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
      : undefined;
    if (!(revert instanceof ContractFunctionRevertedError)) throw error;
    return { errorName: revert.data?.errorName, args: revert.data?.args ?? [], data: revert.raw };
  }
}
