import { systemClock } from "@/context/mod.ts";
import { type Anvil, type AnvilOptions, startAnvil as launchAnvil } from "@/cli/dev/anvil.ts";

export type { Anvil, AnvilOptions };

/** Starts a local EVM chain for a test: `await using anvil = await startAnvil()`. */
export function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  return launchAnvil(options, { clock: systemClock });
}
