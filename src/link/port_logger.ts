import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from "@/context/mod.ts";
import type { LinkMessage } from "./types.ts";

/** A logger for a worker: records cross its port and are written by main, in one place and one format. */
export function createPortLogger(port: MessagePort, level: LogLevel, module = ""): Logger {
  const threshold = LOG_LEVELS.indexOf(level);
  const write = (severity: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(severity) > threshold) return;
    port.postMessage({ type: "log", level: severity, module, message, fields } satisfies LinkMessage);
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
    child: (name) => createPortLogger(port, level, module === "" ? name : `${module}.${name}`),
  };
}
