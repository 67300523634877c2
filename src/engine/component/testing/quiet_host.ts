import type { HostImports } from "../types.ts";

class Pollable {
  ready(): boolean {
    return true;
  }

  block(): void {}
}

class InputStream {
  subscribe(): Pollable {
    return new Pollable();
  }
}

class OutputStream {
  checkWrite(): bigint {
    return 4096n;
  }

  write(): void {}
  blockingFlush(): void {}
  blockingWriteAndFlush(): void {}

  subscribe(): Pollable {
    return new Pollable();
  }
}

class Descriptor {}
class DirectoryEntryStream {}
class TerminalInput {}
class TerminalOutput {}

class IoError {
  toDebugString(): string {
    return "error";
  }
}

const SERVICE = {
  name: "test",
  workflows: [],
  status: { tag: "active" },
  manager: { tag: "evm", val: { chain: "evm:31337", address: { rawBytes: new Uint8Array(20) } } },
};

/** A host that answers the same to everybody: time stands still, nothing is random, what is printed is dropped. */
export function quietHost(): HostImports {
  return {
    host: {
      log: () => {},
      configVar: () => undefined,
      getEventId: () => new Uint8Array(20),
      getService: () => ({ service: SERVICE, workflowId: "default" }),
    },
    "wasi:cli/environment": { getEnvironment: () => [], getArguments: () => [], initialCwd: () => undefined },
    "wasi:cli/exit": {
      exit: () => {
        throw new Error("exit");
      },
    },
    "wasi:cli/stdin": { getStdin: () => new InputStream() },
    "wasi:cli/stdout": { getStdout: () => new OutputStream() },
    "wasi:cli/stderr": { getStderr: () => new OutputStream() },
    "wasi:cli/terminal-input": { TerminalInput },
    "wasi:cli/terminal-output": { TerminalOutput },
    "wasi:cli/terminal-stdin": { getTerminalStdin: () => undefined },
    "wasi:cli/terminal-stdout": { getTerminalStdout: () => undefined },
    "wasi:cli/terminal-stderr": { getTerminalStderr: () => undefined },
    "wasi:clocks/monotonic-clock": {
      now: () => 0n,
      resolution: () => 1n,
      subscribeDuration: () => new Pollable(),
      subscribeInstant: () => new Pollable(),
    },
    "wasi:clocks/wall-clock": {
      now: () => ({ seconds: 1_700_000_000n, nanoseconds: 0 }),
      resolution: () => ({ seconds: 0n, nanoseconds: 1 }),
    },
    "wasi:io/error": { Error: IoError },
    "wasi:io/poll": { Pollable, poll: (list: readonly unknown[]) => Uint32Array.from(list.keys()) },
    "wasi:io/streams": { InputStream, OutputStream },
    "wasi:filesystem/preopens": { getDirectories: () => [] },
    "wasi:filesystem/types": { Descriptor, DirectoryEntryStream, filesystemErrorCode: () => undefined },
    "wasi:random/random": {
      getRandomBytes: (length: bigint) => new Uint8Array(Number(length)),
      getRandomU64: () => 4n,
    },
    "wasi:random/insecure": {
      getInsecureRandomBytes: (length: bigint) => new Uint8Array(Number(length)),
      getInsecureRandomU64: () => 4n,
    },
    "wasi:random/insecure-seed": { insecureSeed: () => [1n, 2n] },
  };
}
