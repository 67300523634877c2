import { type Config, secretsOf } from "@/config/mod.ts";
import type { Logger, LogLevel } from "@/context/mod.ts";
import {
  createLogger,
  createSecretFilter,
  type LogDirective,
  type LogSink,
  parseLogDirectives,
  verbosestThreshold,
} from "@/telemetry/mod.ts";

export interface NodeLogging {
  readonly log: Logger;
  readonly workerLogLevel: LogLevel;
  /**
   * Logs as another configuration asks for from now on, in the same format; what was a secret stays one.
   *
   * @returns the most a worker is to say
   * @throws WavsError `log_directive_invalid`; nothing is changed then
   */
  reconfigure(config: Config): LogLevel;
}

/** The logger a configuration asks for, with its secrets filtered out of everything. It writes to stderr by default. */
export function createNodeLogging(config: Config, format: "json" | "pretty", sink?: LogSink): NodeLogging {
  const secrets = new Set(secretsOf(config));
  const options = {
    format,
    directives: parseLogDirectives(config.logLevel),
    secrets: createSecretFilter([...secrets]),
    color: !Deno.noColor,
  };
  return {
    log: createLogger(options, sink === undefined ? {} : { sink }),
    workerLogLevel: levelOfWorkers(options.directives),
    reconfigure: (next) => {
      options.directives = parseLogDirectives(next.logLevel);
      for (const secret of secretsOf(next)) secrets.add(secret);
      options.secrets = createSecretFilter([...secrets]);
      return levelOfWorkers(options.directives);
    },
  };
}

/** Main filters again, per module. */
function levelOfWorkers(directives: readonly LogDirective[]): LogLevel {
  const threshold = verbosestThreshold(directives, "");
  return threshold === "off" ? "error" : threshold;
}
