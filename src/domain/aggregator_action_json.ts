import { parseEvmAddress } from "./address.ts";
import { parseChainKey } from "./ids.ts";
import { type Decoder, jsonObject, type JsonValue, mapped, object, optional, parsed, tagged, u64 } from "./json/mod.ts";
import { decodeCosmosAddress } from "./scalar_json.ts";
import type { AggregatorAction, SubmitTarget } from "./submission.ts";

/** Reads where to submit to (spec/wire.md 2.7). A gas price beyond 64 bits is no integer in JSON and is refused. */
export const decodeSubmitTarget: Decoder<SubmitTarget> = tagged<SubmitTarget>({
  Evm: mapped(
    object({
      chain: parsed(parseChainKey),
      address: parsed((text) => parseEvmAddress(text.trim())),
      gas_price: optional(u64),
    }),
    ({ chain, address, gas_price }) => ({ kind: "evm", chain, address, gasPrice: gas_price }),
  ),
  Cosmos: mapped(
    object({ chain: parsed(parseChainKey), address: decodeCosmosAddress, gas_price: optional(u64) }),
    ({ chain, address, gas_price }) => ({ kind: "cosmos", chain, address, gasPrice: gas_price }),
  ),
});

export function encodeSubmitTarget(target: SubmitTarget): JsonValue {
  const fields = jsonObject({ chain: target.chain, address: target.address, gas_price: target.gasPrice });
  return jsonObject({ [target.kind === "evm" ? "Evm" : "Cosmos"]: fields });
}

/** Reads what an aggregator component decided (spec/wire.md 2.7). */
export const decodeAggregatorAction: Decoder<AggregatorAction> = tagged<AggregatorAction>({
  Submit: mapped(decodeSubmitTarget, (target) => ({ kind: "submit", target })),
  Timer: mapped(
    object({ delay: object({ secs: u64 }) }),
    ({ delay }) => ({ kind: "timer", delaySeconds: delay.secs }),
  ),
});

export function encodeAggregatorAction(action: AggregatorAction): JsonValue {
  switch (action.kind) {
    case "submit":
      return jsonObject({ Submit: encodeSubmitTarget(action.target) });
    case "timer":
      return jsonObject({ Timer: jsonObject({ delay: jsonObject({ secs: action.delaySeconds }) }) });
  }
}
