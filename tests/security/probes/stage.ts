/** What probes attack: engines, a server nobody may reach, and services that run hostile guests. */
import assert from "node:assert/strict";
import type { Logger } from "@/context/mod.ts";
import type { ComponentDigest, Service } from "@/domain/mod.ts";
import type { Engine, ExecutionResult } from "@/engine/mod.ts";
import { type EngineHarness, runService, serviceOf, type ServiceShape, startEngine } from "@tests/support/engine.ts";
import { type Operation, performScript, scriptGuest } from "@tests/support/script_guests.ts";
import { type OperatorGuest, operatorGuest } from "@tests/support/wat_guests.ts";
import type { Denial, Probe } from "./types.ts";

const SCRIPTS = ["http", "files", "key_values"] as const;
type Script = (typeof SCRIPTS)[number];

/** A service on one of the engines. */
export interface Target {
  readonly engine: Engine;
  readonly service: Service;
}

export interface Stage extends AsyncDisposable {
  /** A node as it is by default: no private networks. */
  readonly strict: EngineHarness;
  /** A node that allows private networks, so that the list of hosts is all that stands before the server. */
  readonly open: EngineHarness;
  /** A server on every address of this machine; and what it counts got through. */
  readonly server: CountingServer;
  target(harness: EngineHarness, script: Script, shape?: Partial<ServiceShape>): Promise<Target>;
}

export interface CountingServer extends AsyncDisposable {
  readonly port: number;
  /** Requests for anything but `/away` and `/mine`. */
  readonly hits: number;
}

export async function openStage(): Promise<Stage> {
  const guests = new Map<Script, Uint8Array>();
  for (const name of SCRIPTS) guests.set(name, await scriptGuest(name));
  const strict = await startEngine({ workers: 1, allowPrivateNetworks: false });
  const open = await startEngine({ workers: 1, allowPrivateNetworks: true });
  const server = startCountingServer();
  let services = 1;
  return {
    strict,
    open,
    server,
    async target({ engine }, script, shape = {}) {
      const operator: ComponentDigest = await engine.upload(guests.get(script) ?? new Uint8Array());
      const manager = `0x${(services++).toString(16).padStart(40, "0")}`;
      return { engine, service: serviceOf({ operator, manager, ...shape }) };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await strict[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}

/** Listens on IPv4 and IPv6; `/away` redirects to an address instead of the name it was asked by, `/mine` may be asked. */
function startCountingServer(): CountingServer {
  let hits = 0;
  const server = Deno.serve({ hostname: "::", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, port } = new URL(request.url);
    if (pathname === "/away") {
      return new Response(null, { status: 302, headers: { location: `http://[::1]:${port}/` } });
    }
    if (pathname !== "/mine") hits++;
    // One whose body never ends is never answered.
    await request.bytes().catch(() => {});
    return new Response("reached");
  });
  return {
    port: server.addr.port,
    get hits() {
      return hits;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A probe in which a scripted guest does one thing and is answered an error. */
export function scriptProbe(
  name: string,
  { engine, service }: Target,
  { operation, error }: { readonly operation: Operation; readonly error: string | RegExp },
): Probe {
  return {
    name,
    async attempt() {
      const { answers: [answer], report } = await performScript(engine, service, operation);
      const text = answer?.error ?? String(answer?.ok);
      if (typeof error === "string") assert.equal(text, error);
      else assert.match(text, error);
      const counted = [...report.refusals].map(([kind, count]) => `${count} ${kind}`);
      const told = report.logs.filter(({ stream }) => stream === "node").map(({ message }) => message);
      assert.equal(told.length > 0, counted.length > 0, "what is counted is told");
      return { by: text, record: [...counted, ...told] };
    },
  };
}

/** A probe in which a guest written in WebAssembly text does what ends its execution. */
export function watProbe(
  name: string,
  { engine }: EngineHarness,
  { guest, code, shape }: {
    readonly guest: OperatorGuest;
    readonly code: string;
    readonly shape?: Partial<ServiceShape>;
  },
): Probe {
  return {
    name,
    async attempt() {
      const operator = await engine.upload(await operatorGuest(guest));
      return endOf(await runService(engine, serviceOf({ operator, ...shape }), "data"), code);
    },
  };
}

/** The failure of an execution is kept with its event, which is its record. */
function endOf(result: ExecutionResult, code: string): Denial {
  assert.ok(!result.ok, "the execution should have been ended");
  assert.equal(result.error.code, code, result.error.message);
  return { by: code, record: [result.error.message] };
}

/** A log that is kept. */
export function recordingLog(lines: string[]): Logger {
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    void lines.push(`${level} ${message} ${Object.values(fields ?? {}).map((value) => describe(value)).join(" ")}`);
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
    child: () => recordingLog(lines),
  };
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null && "message" in value ? String(value.message) : String(value);
}
