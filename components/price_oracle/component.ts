/**
 * Answers the name of a pair with its price, the median of what the configured sources say.
 *
 * @module
 */
import { requireConfigVar, textOperator } from "../wavs/mod.ts";
import { askSource, parseSources } from "./sources.ts";
import { median } from "./median.ts";

export const run = textOperator((pair) => {
  // All sources or none: operators who asked different ones would sign different prices.
  const prices = parseSources(requireConfigVar("sources")).map((source) => askSource(source, pair));
  const price = median(prices).toFixed(Number(requireConfigVar("decimals")));
  return JSON.stringify({ pair, price });
});
