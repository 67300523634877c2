import { fromHex } from "./bytes.ts";
import type { HostImports } from "@/engine/component/mod.ts";

export interface TestHostOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default `evm`. */
  readonly managerKind?: "evm" | "cosmos";
  /** Default 20 bytes of 0x01. */
  readonly eventId?: Uint8Array;
}

/** What a component left behind. */
export interface TestHostState {
  readonly lines: { readonly level: string; readonly message: string }[];
  /** Keyed `bucket/key`. */
  readonly values: Map<string, Uint8Array>;
  /** What the guest's own runtime printed before it aborted. */
  stderr: string;
}

/** The functions the sample components call, with real clocks and nothing else; HTTP is absent. */
export function createTestHost(options: TestHostOptions = {}): { imports: HostImports; state: TestHostState } {
  const state: TestHostState = { lines: [], values: new Map(), stderr: "" };
  const imports: HostImports = {
    host: createNodeFunctions(options, state),
    "wasi:cli/environment": { getEnvironment: () => Object.entries(options.environment ?? {}) },
    "wasi:cli/stderr": { getStderr: () => new OutputStream(state) },
    "wasi:io/streams": { OutputStream },
    "wasi:random/insecure-seed": { insecureSeed: () => [1n, 2n] },
    "wasi:clocks/wall-clock": { now: () => ({ seconds: BigInt(Math.floor(Date.now() / 1000)), nanoseconds: 0 }) },
    "wasi:clocks/monotonic-clock": {
      now: monotonicNs,
      subscribeDuration: (durationNs: bigint) => new Pollable(monotonicNs() + durationNs),
    },
    "wasi:io/poll": { Pollable, poll: pollAll },
    "wasi:keyvalue/store": createStore(state),
  };
  return { imports, state };
}

/** Imports that answer later. */
export const ASYNC_IMPORTS: ReadonlySet<string> = new Set(["wasi:io/poll#poll"]);

function createNodeFunctions(options: TestHostOptions, state: TestHostState): Record<string, unknown> {
  const { config = {}, managerKind = "evm", eventId = new Uint8Array(20).fill(1) } = options;
  const address = managerKind === "evm" ? { rawBytes: new Uint8Array(20) } : { bech32Addr: "cosmos1xyz", prefixLen: 6 };
  return {
    configVar: (key: string) => config[key],
    log: (level: { tag: string }, message: string) => state.lines.push({ level: level.tag, message }),
    getEventId: () => eventId,
    getEvmChainConfig: (key: string) =>
      key === "evm:31337" ? { chainId: "31337", wsEndpoints: [], httpEndpoint: undefined } : undefined,
    getCosmosChainConfig: (key: string) => key === "cosmos:wasmd" ? COSMOS_CHAIN : undefined,
    getService: () => ({
      service: {
        name: "test",
        workflows: [],
        status: { tag: "active" },
        manager: { tag: managerKind, val: { chain: `${managerKind}:test`, address } },
      },
      workflowId: "workflow-1",
    }),
  };
}

const COSMOS_CHAIN = {
  chainId: "wasmd",
  rpcEndpoint: undefined,
  grpcEndpoint: undefined,
  grpcWebEndpoint: undefined,
  gasPrice: 0.025,
  gasDenom: "ucosm",
  bech32Prefix: "wasm",
};

class Pollable {
  readonly #readyAtNs: bigint;

  constructor(readyAtNs: bigint) {
    this.#readyAtNs = readyAtNs;
  }

  async wait(): Promise<void> {
    const leftMs = Number(this.#readyAtNs - monotonicNs()) / 1e6;
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
  }
}

class OutputStream {
  readonly #state: TestHostState;

  constructor(state: TestHostState) {
    this.#state = state;
  }

  checkWrite(): bigint {
    return 4096n;
  }

  write(contents: Uint8Array): void {
    this.#state.stderr += new TextDecoder().decode(contents);
  }

  blockingWriteAndFlush(contents: Uint8Array): void {
    this.write(contents);
  }

  blockingFlush(): void {}
}

async function pollAll(pollables: readonly Pollable[]): Promise<Uint32Array> {
  await Promise.all(pollables.map((pollable) => pollable.wait()));
  return Uint32Array.from(pollables.keys());
}

function monotonicNs(): bigint {
  return BigInt(Math.round(performance.now() * 1e6));
}

function createStore({ values }: TestHostState): Record<string, unknown> {
  class Bucket {
    readonly #name: string;

    constructor(name: string) {
      this.#name = name;
    }

    get(key: string): Uint8Array | undefined {
      return values.get(`${this.#name}/${key}`);
    }

    set(key: string, value: Uint8Array): void {
      values.set(`${this.#name}/${key}`, value);
    }
  }
  return { Bucket, open: (name: string) => new Bucket(name) };
}

/** The input record of either world around trigger data. */
export function wrapInput(data: unknown, exportName: string): unknown {
  const action = {
    config: { serviceId: "00".repeat(32), workflowId: "workflow-1", trigger: { tag: "manual" } },
    data,
  };
  if (exportName === "run") return action;
  return {
    triggerAction: action,
    operatorResponse: { payload: fromHex("01"), ordering: undefined, eventIdSalt: undefined },
  };
}
