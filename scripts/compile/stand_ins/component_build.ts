import { WavsError } from "@/domain/mod.ts";

/** What takes the place of the commands that need this project's sources, its compiler and its packages. */
function needsCheckout(command: string): never {
  throw new WavsError("checkout_needed", {
    message:
      `The command "component ${command}" is not in this binary because it needs the sources; run it in a checkout: ` +
      `deno run -A main.ts component ${command}`,
    retryable: false,
  });
}

export function runBuild(): never {
  return needsCheckout("build");
}

export function runNew(): never {
  return needsCheckout("new");
}
