import { type Config, secretsOf } from "@/config/mod.ts";
import type { Logger, LogLevel } from "@/context/mod.ts";
import { createLogger, createSecretFilter, parseLogDirectives, verbosestThreshold } from "@/telemetry/mod.ts";

export interface NodeLogging {
  readonly log: Logger;
  readonly workerLogLevel: LogLevel;
}

/** The logger a configuration asks for, with its secrets filtered out of everything. */
export function createNodeLogging(config: Config, format: "json" | "pretty"): NodeLogging {
  const directives = parseLogDirectives(config.logLevel);
  const threshold = verbosestThreshold(directives, "");
  return {
    log: createLogger({ format, directives, secrets: createSecretFilter(secretsOf(config)), color: !Deno.noColor }),
    workerLogLevel: threshold === "off" ? "error" : threshold,
  };
}
