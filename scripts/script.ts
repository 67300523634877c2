/** Runs a script to its exit code; an error is told in one line. */
export async function runScript(name: string, main: () => number | Promise<number>): Promise<never> {
  try {
    Deno.exit(await main());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    complain(`${name}: ${error.message}`);
    Deno.exit(1);
  }
}

export function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

export function complain(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
