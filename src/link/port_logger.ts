import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from "@/context/mod.ts";
import type { LinkMessage } from "./types.ts";

/**
 * A logger for a worker: records cross its port and are written by main, in one place and one format.
 *
 * @param verbosity read at every record, since the level can change
 */
export function createPortLogger(port: MessagePort, verbosity: { readonly level: LogLevel }, module = ""): Logger {
  const write = (severity: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(severity) > LOG_LEVELS.indexOf(verbosity.level)) return;
    port.postMessage({ type: "log", level: severity, module, message, fields } satisfies LinkMessage);
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
    child: (name) => createPortLogger(port, verbosity, module === "" ? name : `${module}.${name}`),
  };
}
