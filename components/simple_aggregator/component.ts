/**
 * Submits every response to one service handler, as soon as the quorum is there (spec/engine.md 6.3).
 *
 * @module
 */
import {
  aggregator,
  type AggregatorAction,
  getEventId,
  host,
  log,
  parseEvmAddress,
  requireConfigVar,
} from "../wavs/mod.ts";
import { keepSubmitResult } from "../wavs/submit_result.ts";
import { bech32 } from "@scure/base";
import { lookUpGasPrice } from "./gas_price.ts";

export const { processInput, handleTimerCallback, handleSubmitCallback } = aggregator({
  processInput() {
    getEventId();
    const chain = requireConfigVar("chain");
    const serviceHandler = requireConfigVar("service_handler");
    return [submitTo(chain, serviceHandler)];
  },
  handleSubmitCallback: (_input, result) => keepSubmitResult(result),
});

function submitTo(chain: string, serviceHandler: string): AggregatorAction {
  if (host.getEvmChainConfig(chain) !== null) {
    const address = parseEvmAddress(serviceHandler, "service handler");
    return { tag: "submit", val: { tag: "evm", val: { chain, address, gasPrice: lookUpGasPrice() } } };
  }
  if (host.getCosmosChainConfig(chain) !== null) {
    const address = parseCosmosAddress(serviceHandler);
    return { tag: "submit", val: { tag: "cosmos", val: { chain, address } } };
  }
  throw new Error(`no chain config for ${chain}`);
}

function parseCosmosAddress(text: string): { bech32Addr: string; prefixLen: number } {
  const decoded = bech32.decodeUnsafe(text, false);
  if (decoded === undefined) {
    log.debug(`service_handler "${text}" has no valid bech32 checksum`);
    throw new Error(`invalid bech32: '${text}'`);
  }
  return { bech32Addr: text, prefixLen: decoded.prefix.length };
}
