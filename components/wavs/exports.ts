import host from "host";
import type { AggregatorAction, AggregatorInput, TriggerAction, TxResult, WasmResponse } from "./types.ts";

/** Ends the execution as a trap instead of an error the component returns. */
export class Trap extends Error {
  override readonly name = "Trap";
}

/** For states the component was never meant to see; the reason goes to the node's log. */
export function trap(reason: string): never {
  throw new Trap(reason);
}

/**
 * Makes the `run` export of an operator component: `export const run = operator((action) => …)`.
 *
 * An `Error` the handler throws becomes the error text `run` returns.
 */
export function operator(
  handle: (action: TriggerAction) => readonly WasmResponse[],
): (action: TriggerAction) => readonly WasmResponse[] {
  return (action) => guarded(() => handle(action));
}

export interface AggregatorHandlers {
  processInput(input: AggregatorInput): readonly AggregatorAction[];
  /** Default: nothing more to do. */
  handleTimerCallback?(input: AggregatorInput): readonly AggregatorAction[];
  /** Default: the outcome is ignored. */
  handleSubmitCallback?(input: AggregatorInput, result: TxResult): void;
}

/**
 * Makes the three exports of an aggregator component:
 * `export const { processInput, handleTimerCallback, handleSubmitCallback } = aggregator({ … })`.
 */
export function aggregator(handlers: AggregatorHandlers): Required<AggregatorHandlers> {
  return {
    processInput: (input) => guarded(() => handlers.processInput(input)),
    handleTimerCallback: (input) => guarded(() => handlers.handleTimerCallback?.(input) ?? []),
    handleSubmitCallback: (input, result) => guarded(() => handlers.handleSubmitCallback?.(input, result)),
  };
}

/** WIT errors are strings, so a string is what has to be thrown. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Trap) {
      host.log({ tag: "error" }, error.message);
      // The bindings expect a string here and abort the guest when they get anything else.
      throw { trap: error.message };
    }
    throw error instanceof Error ? error.message : String(error);
  }
}
