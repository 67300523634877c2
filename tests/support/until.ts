/** The longest anything in these tests may take on a busy machine; only a failure ever waits this long. */
export const PATIENCE_MS = 60_000;

const LOOK_EVERY_MS = 20;

/**
 * Looks until `find` finds something, for what happens in another process or on a chain.
 *
 * @param what completes the sentence "waited in vain until …"
 */
export async function until<T>(
  what: string,
  find: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
