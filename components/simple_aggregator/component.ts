/**
 * Submits every response to one service handler, as soon as the quorum is there (spec/engine.md 6.3).
 *
 * @module
 */
import {
  aggregator,
  type AggregatorAction,
  encodeText,
  fromHex,
  getEventId,
  host,
  log,
  requireConfigVar,
} from "../wavs/mod.ts";
import { openBucket } from "../wavs/keyvalue.ts";
import { bech32 } from "@scure/base";
import { lookUpGasPrice } from "./gas_price.ts";

const EVM_ADDRESS_BYTES = 20;

export const { processInput, handleTimerCallback, handleSubmitCallback } = aggregator({
  processInput() {
    getEventId();
    const chain = requireConfigVar("chain");
    const serviceHandler = requireConfigVar("service_handler");
    return [submitTo(chain, serviceHandler)];
  },
  handleSubmitCallback(_input, result) {
    const bucket = openBucket("submit-result");
    bucket.set("completed", encodeText("true"));
    bucket.set("success", encodeText(String(result.tag === "ok")));
  },
});

function submitTo(chain: string, serviceHandler: string): AggregatorAction {
  if (host.getEvmChainConfig(chain) !== null) {
    const address = { rawBytes: parseEvmAddress(serviceHandler) };
    return { tag: "submit", val: { tag: "evm", val: { chain, address, gasPrice: lookUpGasPrice() } } };
  }
  if (host.getCosmosChainConfig(chain) !== null) {
    const address = parseCosmosAddress(serviceHandler);
    return { tag: "submit", val: { tag: "cosmos", val: { chain, address } } };
  }
  throw new Error(`no chain config for ${chain}`);
}

/** 40 hex digits with or without `0x`, in any case. */
function parseEvmAddress(text: string): Uint8Array {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  try {
    const bytes = fromHex(digits);
    if (bytes.length !== EVM_ADDRESS_BYTES) throw new Error("invalid string length");
    return bytes;
  } catch (error) {
    throw new Error(`Failed to parse service handler address: ${error instanceof Error ? error.message : error}`);
  }
}

function parseCosmosAddress(text: string): { bech32Addr: string; prefixLen: number } {
  const decoded = bech32.decodeUnsafe(text, false);
  if (decoded === undefined) {
    log.debug(`service_handler "${text}" has no valid bech32 checksum`);
    throw new Error(`invalid bech32: '${text}'`);
  }
  return { bech32Addr: text, prefixLen: decoded.prefix.length };
}
