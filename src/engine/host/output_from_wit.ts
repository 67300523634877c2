import {
  type AggregatorAction,
  type CosmosAddress,
  cosmosAddressPrefix,
  describeError,
  evmAddressOf,
  parseChainKey,
  parseCosmosAddress,
  type SubmitTarget,
  utf8Bytes,
  type WasmResponse,
  WavsError,
} from "@/domain/mod.ts";
import { MAX_ACTIONS_PER_EXECUTION, MAX_RESPONSE_BYTES, MAX_RESPONSES } from "../limits.ts";
import type { WitAggregatorAction, WitCosmosAddress, WitSubmitAction, WitU128, WitWasmResponse } from "./wit_values.ts";

/**
 * Takes over what `run` answered.
 *
 * @throws WavsError `missing_event_id_salt` (spec/engine.md 5.1), `response_too_large`
 */
export function responsesFromWit(responses: readonly WitWasmResponse[]): readonly WasmResponse[] {
  const bytes = responses.reduce(
    (sum, { payload, eventIdSalt }) => sum + payload.length + (eventIdSalt?.length ?? 0),
    0,
  );
  if (bytes > MAX_RESPONSE_BYTES || responses.length > MAX_RESPONSES) {
    throw new WavsError("response_too_large", {
      message: `The component answered ${responses.length} responses of ${bytes} bytes together; ` +
        `${MAX_RESPONSES} responses of ${MAX_RESPONSE_BYTES} bytes are allowed`,
      retryable: false,
    });
  }
  if (responses.length > 1 && responses.some(({ eventIdSalt }) => eventIdSalt === undefined)) {
    throw new WavsError("missing_event_id_salt", {
      message: "When returning multiple responses, they must all have an event id salt",
      retryable: false,
    });
  }
  return responses.map(({ payload, ordering, eventIdSalt }) => ({ payload, ordering, eventIdSalt }));
}

/** Takes over what an aggregator component decided. @throws WavsError `invalid_action` naming the action and why */
export function actionsFromWit(actions: readonly WitAggregatorAction[]): readonly AggregatorAction[] {
  if (actions.length > MAX_ACTIONS_PER_EXECUTION) {
    throw invalidAction(`it returned ${actions.length} actions, more than ${MAX_ACTIONS_PER_EXECUTION}`);
  }
  return actions.map((action, index) => {
    try {
      return actionFromWit(action);
    } catch (cause) {
      throw invalidAction(`action ${index} is unusable: ${describeError(cause)}`, cause);
    }
  });
}

function actionFromWit(action: WitAggregatorAction): AggregatorAction {
  switch (action.tag) {
    case "timer":
      return { kind: "timer", delaySeconds: action.val.delay.secs };
    case "submit":
      return { kind: "submit", target: targetFromWit(action.val) };
  }
}

function targetFromWit(action: WitSubmitAction): SubmitTarget {
  const chain = parseChainKey(action.val.chain);
  const gasPrice = gasPriceFromWit(action.val.gasPrice);
  switch (action.tag) {
    case "evm": {
      const { rawBytes } = action.val.address;
      if (rawBytes.length !== 20) throw new Error(`EVM address must be 20 bytes, got ${rawBytes.length} bytes`);
      return { kind: "evm", chain, address: evmAddressOf(rawBytes), gasPrice };
    }
    case "cosmos":
      return { kind: "cosmos", chain, address: cosmosAddressFromWit(action.val.address), gasPrice };
  }
}

function cosmosAddressFromWit({ bech32Addr, prefixLen }: WitCosmosAddress): CosmosAddress {
  const address = parseCosmosAddress(bech32Addr);
  const prefix = cosmosAddressPrefix(address);
  if (utf8Bytes(prefix).length !== prefixLen) {
    throw new Error(`the prefix of "${bech32Addr}" has ${prefix.length} bytes, not ${prefixLen}`);
  }
  return address;
}

/** No chain has a gas price beyond 64 bits of wei; one that large is a mistake to hear of early. */
function gasPriceFromWit(price: WitU128 | undefined): bigint | undefined {
  if (price === undefined) return undefined;
  const [low, high] = price.value;
  if (high !== 0n) throw new Error(`gas price ${(high << 64n) + low} wei is beyond 64 bits`);
  return low;
}

function invalidAction(why: string, cause?: unknown): WavsError {
  return new WavsError("invalid_action", {
    message: `Cannot use the aggregator component's answer because ${why}`,
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
