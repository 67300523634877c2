/** What probes attack: engines, a server nobody may reach, and services that run hostile guests. */
import assert from "node:assert/strict";
import type { Logger } from "@/context/mod.ts";
import { type ComponentDigest, isWavsError, type Service } from "@/domain/mod.ts";
import type { Engine, ExecutionResult } from "@/engine/mod.ts";
import {
  type EngineHarness,
  type Executor,
  runService,
  serviceOf,
  type ServiceShape,
  startEngine,
} from "@tests/support/engine.ts";
import { type Operation, performScript, scriptGuest } from "@tests/support/script_guests.ts";
import { type OperatorGuest, operatorGuest } from "@tests/support/wat_guests.ts";
import type { Denial, Probe } from "./types.ts";

export type ProbeTitle = Pick<Probe, "category" | "name">;

const SCRIPTS = ["http", "files", "key_values"] as const;
type Script = (typeof SCRIPTS)[number];

/** A service, and what runs it. */
export interface Target {
  readonly engine: Executor;
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
  /** Requests for anything but `/away/…` and `/mine`. */
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

/** Listens on IPv4 and IPv6; `/away/<host>/<port>` redirects there, `/mine` may be asked. */
function startCountingServer(): CountingServer {
  let hits = 0;
  const server = Deno.serve({ hostname: "::", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, port } = new URL(request.url);
    const [, away, host, otherPort = port] = pathname.split("/");
    if (away === "away") {
      return new Response(null, { status: 302, headers: { location: `http://${host}:${otherPort}/` } });
    }
    if (!/^\/mine\/?$/.test(pathname)) hits++;
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
  title: ProbeTitle,
  { engine, service }: Target,
  { operation, error }: { readonly operation: Operation; readonly error: string | RegExp },
): Probe {
  return {
    ...title,
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
  title: ProbeTitle,
  { engine }: EngineHarness,
  { guest, code, shape }: {
    readonly guest: OperatorGuest;
    readonly code: string;
    readonly shape?: Partial<ServiceShape>;
  },
): Probe {
  return {
    ...title,
    async attempt() {
      const operator = await engine.upload(await operatorGuest(guest));
      return endOf(await runService(engine, serviceOf({ operator, ...shape }), "data"), code);
    },
  };
}

/** A probe in which somebody registers a component that is refused; the refusal goes to whoever registers. */
export function registrationProbe(
  title: ProbeTitle,
  { engine }: EngineHarness,
  { bytes, code }: { readonly bytes: () => Promise<Uint8Array>; readonly code: RegExp },
): Probe {
  return {
    ...title,
    async attempt() {
      const error = await register(engine, await bytes()).then(() => undefined, (reason: unknown) => reason);
      assert.ok(isWavsError(error), error === undefined ? "the component was accepted" : String(error));
      assert.match(error.code, code, error.message);
      return { by: error.code, record: [error.message] };
    },
  };
}

/** What registering a service does with its component. */
export async function register(engine: Engine, bytes: Uint8Array): Promise<void> {
  const service = serviceOf({ operator: await engine.upload(bytes), manager: `0x${"99".repeat(20)}` });
  for (const { component } of service.workflows.values()) await engine.prepare(component, "operator");
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
