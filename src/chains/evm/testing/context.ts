import { type Context, createContext, type LogFields, type Logger, systemClock } from "@/context/mod.ts";

export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestContext extends Context {
  readonly records: readonly LogRecord[];
}

/**
 * A real context whose pauses, timeouts and heartbeats are `speed` times as short, and whose log is kept. Sockets and
 * processes stay real, so no timer can be wound by hand.
 */
export function testContext(speed = 1): TestContext {
  const records: LogRecord[] = [];
  const log = recordingLogger(records);
  const context = createContext({ log, signal: new AbortController().signal });
  const sleep = (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / speed, signal);
  return { ...context, clock: { ...systemClock, sleep }, records };
}

function recordingLogger(records: LogRecord[]): Logger {
  const write = (level: string) => (message: string, fields: LogFields = {}) =>
    void records.push({ level, message, fields });
  const log: Logger = {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
    child: () => log,
  };
  return log;
}
