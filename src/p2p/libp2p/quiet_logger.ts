import type { ComponentLogger, Logger as Libp2pLogger } from "@libp2p/interface";
import type { Logger } from "@/context/mod.ts";
import { describeError } from "@/domain/mod.ts";

/**
 * Lets the library say at `trace` what failed: most of it is what strangers do to a node on a network. Everything else
 * it would say is dropped, and its own logger, which reads the environment, is left out.
 */
export function createQuietLogger(log: Logger): ComponentLogger {
  const forComponent = (name: string): Libp2pLogger => {
    const write = () => {};
    return Object.assign(write, {
      enabled: false,
      trace: write,
      newScope: (scope: string) => forComponent(`${name}:${scope}`),
      error: (formatter: unknown, ...values: unknown[]) => {
        const error = [formatter, ...values].find((value) => value instanceof Error);
        log.trace("The library failed at something", {
          part: name,
          what: describeError(formatter),
          ...(error === undefined ? {} : { error: describeError(error) }),
        });
      },
    });
  };
  return { forComponent };
}
