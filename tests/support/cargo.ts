/**
 * Runs cargo.
 *
 * @returns why it cannot be done on this machine, where there is no cargo or the registry of crates is out of reach
 * @throws Error with what cargo says when it fails for any other reason
 */
export async function runCargo(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<{ readonly absent: string } | undefined> {
  try {
    const { success, stderr } = await new Deno.Command("cargo", { ...options, args: [...args], stdout: "null" })
      .output();
    if (success) return undefined;
    const text = new TextDecoder().decode(stderr);
    if (!/download|registry|network|resolve host/i.test(text)) throw new Error(text);
    return { absent: `the crate registry cannot be reached: ${text.split("\n", 1)[0]}` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { absent: "there is no cargo" };
    throw error;
  }
}
