/**
 * Reads a number of seconds, in the words Rust has for what is wrong with one.
 *
 * @throws Error `Failed to parse <name>: …`
 */
export function parseSeconds(name: string, text: string): number {
  const fail = (reason: string) => new Error(`Failed to parse ${name}: ${reason}`);
  if (text === "") throw fail("cannot parse integer from empty string");
  if (!/^\+?\d+$/.test(text)) throw fail("invalid digit found in string");
  const seconds = Number(text);
  // Beyond 2^53 the node would be told another number; it is longer than any timer runs.
  if (!Number.isSafeInteger(seconds)) throw fail("number too large to fit in target type");
  return seconds;
}
