/** The middle of the values, or the mean of the two in the middle. @throws Error for none at all */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (lower === undefined || upper === undefined) throw new Error("There is no median of no values");
  return lower + (upper - lower) / 2;
}
