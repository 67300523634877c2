/** The highest of some integers; `Math.max` takes no bigint. */
export function highest(first: bigint, ...others: readonly bigint[]): bigint {
  return others.reduce((most, value) => value > most ? value : most, first);
}
