import { type Config, secretsOf } from "@/config/mod.ts";
import type { Logger, LogLevel } from "@/context/mod.ts";
import {
  createLogger,
  createSecretFilter,
  type LogSink,
  parseLogDirectives,
  verbosestThreshold,
} from "@/telemetry/mod.ts";

export interface NodeLogging {
  readonly log: Logger;
  readonly workerLogLevel: LogLevel;
}

/** The logger a configuration asks for, with its secrets filtered out of everything. It writes to stderr by default. */
export function createNodeLogging(config: Config, format: "json" | "pretty", sink?: LogSink): NodeLogging {
  const directives = parseLogDirectives(config.logLevel);
  const threshold = verbosestThreshold(directives, "");
  const secrets = createSecretFilter(secretsOf(config));
  return {
    log: createLogger({ format, directives, secrets, color: !Deno.noColor }, sink === undefined ? {} : { sink }),
    workerLogLevel: threshold === "off" ? "error" : threshold,
  };
}
