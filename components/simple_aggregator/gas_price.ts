import { configVar, decodeText, log, type U128 } from "../wavs/mod.ts";
import { envVar } from "../wavs/environment.ts";
import { httpRequest } from "../wavs/http.ts";

const GAS_ORACLE_URL = "https://api.etherscan.io/api?module=gastracker&action=gasoracle&apikey=";
const WEI_PER_GWEI = 1e9;

/** Prices outside are a broken oracle rather than a market. */
const MIN_GWEI = 0.1;
const MAX_GWEI = 10_000;

/**
 * What the gas oracle asks for right now, when the operator has a key for it.
 *
 * Operators whose answers differ submit into different queues, so a price is only of use where a single operator decides.
 *
 * @throws Error when there is a key, but no price
 */
export function lookUpGasPrice(): U128 | undefined {
  const apiKey = envVar("WAVS_ENV_ETHERSCAN_API_KEY");
  if (apiKey === undefined || apiKey === "") return undefined;
  const strategy = configVar("gas_strategy") ?? "standard";
  log.info(`Asking the gas oracle with strategy "${strategy}"`);
  const gwei = readPrice(decodeText(httpRequest(GAS_ORACLE_URL + apiKey).body), strategy);
  log.info(`Gas price is ${gwei} gwei`);
  return { value: [Math.round(gwei * WEI_PER_GWEI), 0] };
}

function readPrice(answer: string, strategy: string): number {
  const { result } = JSON.parse(answer) as { result?: Record<string, unknown> };
  const gwei = Number(result?.[oracleField(strategy)]);
  if (!(gwei >= MIN_GWEI && gwei <= MAX_GWEI)) {
    throw new Error(`Cannot use the gas oracle's answer because it is not between ${MIN_GWEI} and ${MAX_GWEI} gwei`);
  }
  return gwei;
}

function oracleField(strategy: string): string {
  switch (strategy) {
    case "slow":
    case "safe":
      return "SafeGasPrice";
    case "fast":
      return "FastGasPrice";
    default:
      return "ProposeGasPrice";
  }
}
