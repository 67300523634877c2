/**
 * The exact value of a 64-bit integer the host handed over as a double.
 *
 * @throws Error beyond 2^53, where the double no longer tells neighbours apart
 */
export function exactInteger(value: number, name: string): bigint {
  if (!Number.isSafeInteger(value)) {
    throw new Error(`Cannot read "${name}" exactly because it is beyond 2^53`);
  }
  return BigInt(value);
}
