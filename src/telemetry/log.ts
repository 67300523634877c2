import { type Clock, type LogFields, type Logger, type LogLevel, systemClock } from "@/context/mod.ts";
import { type LogDirective, passes, thresholdOf } from "./directives.ts";
import { formatJson } from "./format_json.ts";
import { formatPretty } from "./format_pretty.ts";
import { cleanRecord, type LogRecord } from "./record.ts";
import type { SecretFilter } from "./secrets.ts";

/** Takes finished lines, without the line break. Must not throw and must not log. */
export type LogSink = (line: string) => void;

/** `directives` and `secrets` are read at every record, so that whoever keeps the object can put others in. */
export interface LoggerOptions {
  /** `json` for machines, `pretty` for a terminal. */
  readonly format: "json" | "pretty";
  /** Terminal colours of the pretty format. Default: none. */
  readonly color?: boolean;
  readonly directives: readonly LogDirective[];
  readonly secrets: SecretFilter;
}

export interface LoggerModules {
  /** Default: standard error. */
  readonly sink?: LogSink;
  readonly clock?: Pick<Clock, "now">;
}

/**
 * The logger of the node, one per process.
 *
 * Severities: `error` needs a person, `warn` may soon, `info` is rare and about the life cycle, `debug` is per event,
 * `trace` is everything else. Secrets are filtered out of every text and a line is bounded (`limits.ts`).
 *
 * Plain code instead of a logging library: what such a library adds (a process-wide configuration, named sinks) is what
 * this project avoids, and what it needs (filter, escapes, bounds, 64-bit integers) would be its own code anyway.
 */
export function createLogger(options: LoggerOptions, modules: LoggerModules = {}): Logger {
  const { sink = writeToStderr, clock = systemClock } = modules;
  const format = options.format === "json"
    ? formatJson
    : (record: LogRecord) => formatPretty(record, { color: options.color ?? false });

  const loggerOf = (module: string): Logger => {
    let { directives } = options;
    let threshold = thresholdOf(directives, module);
    const write = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
      if (directives !== options.directives) {
        ({ directives } = options);
        threshold = thresholdOf(directives, module);
      }
      if (!passes(threshold, level)) return;
      const record = cleanRecord({ timeMs: clock.now(), level, module, message, fields }, options.secrets);
      sink(format(record));
    };
    return {
      error: write("error"),
      warn: write("warn"),
      info: write("info"),
      debug: write("debug"),
      trace: write("trace"),
      child: (name) => loggerOf(module === "" ? name : `${module}.${name}`),
    };
  };
  return loggerOf("");
}

const encoder = new TextEncoder();

/** Writes a line to standard error. A closed or full pipe loses it: there is nowhere left to say so. */
export function writeToStderr(line: string): void {
  let rest = encoder.encode(`${line}\n`);
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
  } catch {
    return;
  }
}
