import { WavsError } from "@/domain/mod.ts";
import type { HostImports } from "@/engine/component/types.ts";
import { type GuestLogs, LineSplitter } from "../guest_logs.ts";
import { MAX_STREAM_CHUNK_BYTES } from "./limits.ts";
import { ALWAYS_READY } from "./readiness.ts";
import type { GuestScope } from "./scope.ts";
import { type ByteSink, type ByteSource, InputStream, OutputStream } from "./streams.ts";

export interface CliOptions {
  /** The variables this component may see, with their values (spec/engine.md 2.5). */
  readonly environment: readonly (readonly [string, string])[];
}

export interface CliModules {
  readonly scope: GuestScope;
  readonly logs: GuestLogs;
}

class TerminalInput {}
class TerminalOutput {}

const EMPTY_SOURCE: ByteSource = { ...ALWAYS_READY, read: () => undefined, close: () => {} };

/** `wasi:cli` (spec/engine.md 2.5): no arguments, an empty stdin, what is printed becomes log lines. */
export function createCli(options: CliOptions, { scope, logs }: CliModules): HostImports {
  const stdout = printSink(new LineSplitter(logs, "stdout"), scope);
  const stderr = printSink(new LineSplitter(logs, "stderr"), scope);
  return {
    "wasi:cli/environment": {
      getEnvironment: () => options.environment,
      getArguments: () => [],
      initialCwd: () => undefined,
    },
    "wasi:cli/exit": { exit },
    "wasi:cli/stdin": { getStdin: () => new InputStream(EMPTY_SOURCE, scope) },
    "wasi:cli/stdout": { getStdout: () => new OutputStream(stdout, scope) },
    "wasi:cli/stderr": { getStderr: () => new OutputStream(stderr, scope) },
    "wasi:cli/terminal-input": { TerminalInput },
    "wasi:cli/terminal-output": { TerminalOutput },
    "wasi:cli/terminal-stdin": { getTerminalStdin: () => undefined },
    "wasi:cli/terminal-stdout": { getTerminalStdout: () => undefined },
    "wasi:cli/terminal-stderr": { getTerminalStderr: () => undefined },
  };
}

/** Ends the execution as a failure, whatever the status (spec/engine.md 2.5). */
function exit(status: { readonly tag: "ok" | "err" }): never {
  throw new WavsError("guest_exit", {
    message: `The component called exit with "${status.tag}" instead of returning`,
    retryable: false,
    meta: { status: status.tag },
  });
}

/** A guest may open its stdout many times; all of them are one. */
function printSink(lines: LineSplitter, scope: GuestScope): ByteSink {
  scope.own({ [Symbol.dispose]: () => lines.end() });
  return {
    ...ALWAYS_READY,
    capacity: () => MAX_STREAM_CHUNK_BYTES,
    write: (bytes) => lines.write(bytes),
    flushed: () => true,
    close: () => {},
  };
}
