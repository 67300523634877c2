import type { Clock, Logger } from "@/context/mod.ts";
import { describeError, WavsError } from "@/domain/mod.ts";
import { MAX_STATUS_CHARS, NOTIFY_TIMEOUT_MS } from "./limits.ts";

/** What a service says about itself (sd_notify(3)). */
export interface ServiceState {
  readonly READY?: "1";
  readonly RELOADING?: "1";
  readonly STOPPING?: "1";
  readonly WATCHDOG?: "1";
  /** For people: `systemctl status` shows it. */
  readonly STATUS?: string;
}

export interface NotifyOptions {
  readonly readEnv: (name: string) => string | undefined;
  readonly pid: number;
}

export interface NotifyModules {
  readonly log: Logger;
  readonly clock: Clock;
}

/** The service manager that started this process, if one did that wants to hear of it. */
export interface ServiceManager extends Disposable {
  /** Within which time it must hear `WATCHDOG=1` again; `undefined` when it does not watch. */
  readonly watchdogMs: number | undefined;
  /** Never fails: a node that works is worth more than a manager that knows. The first failure is told in the log. */
  tell(state: ServiceState): Promise<void>;
}

/**
 * Opens a socket to the service manager.
 *
 * A datagram socket of Deno's own, which is why the program runs with `--unstable-net`: `systemd-notify` would be a child
 * process, whose messages only count under `NotifyAccess=all`, and a fork every few seconds for the watchdog. This end of
 * the socket has an abstract name, so that nothing is left behind and no directory must be writable.
 */
export function connectServiceManager(options: NotifyOptions, modules: NotifyModules): ServiceManager {
  const { readEnv, pid } = options;
  const address = readEnv("NOTIFY_SOCKET");
  if (address === undefined || address === "") return NOBODY;
  try {
    const path = socketPath(address);
    const socket = Deno.listenDatagram({ transport: "unixpacket", path: `\0wavs-${crypto.randomUUID()}` });
    return new DatagramManager({ socket, path, watchdogMs: watchdogMs(readEnv, pid) }, modules);
  } catch (error) {
    warn(modules.log, address, error);
    return NOBODY;
  }
}

const NOBODY: ServiceManager = {
  watchdogMs: undefined,
  tell: () => Promise.resolve(),
  [Symbol.dispose]: () => {},
};

/** `@` stands for the zero byte of an abstract name. */
function socketPath(address: string): string {
  if (address.startsWith("/")) return address;
  if (address.startsWith("@")) return `\0${address.slice(1)}`;
  throw new WavsError("notify_socket_unusable", {
    message: "it is neither a path nor an abstract name that starts with @",
    retryable: false,
  });
}

/** The watchdog may be meant for another process, which this one has its environment from. */
function watchdogMs(readEnv: NotifyOptions["readEnv"], pid: number): number | undefined {
  const microseconds = Number(readEnv("WATCHDOG_USEC"));
  const meant = readEnv("WATCHDOG_PID") ?? String(pid);
  return Number.isSafeInteger(microseconds) && microseconds > 0 && meant === String(pid)
    ? microseconds / 1000
    : undefined;
}

function warn(log: Logger, address: string, error: unknown): void {
  log.warn("The service manager cannot be told how this node is; the node runs on, and a watchdog would end it", {
    socket: address,
    reason: describeError(error),
  });
}

class DatagramManager implements ServiceManager {
  readonly watchdogMs: number | undefined;
  readonly #socket: Deno.DatagramConn;
  readonly #path: string;
  readonly #modules: NotifyModules;
  /** Messages go out in the order in which they were told. */
  #last: Promise<void> = Promise.resolve();
  #warned = false;

  constructor(
    options: { readonly socket: Deno.DatagramConn; readonly path: string; readonly watchdogMs: number | undefined },
    modules: NotifyModules,
  ) {
    this.#socket = options.socket;
    this.#path = options.path;
    this.watchdogMs = options.watchdogMs;
    this.#modules = modules;
  }

  tell(state: ServiceState): Promise<void> {
    const message = messageOf(state);
    return this.#last = this.#last.then(() => this.#send(message)).catch((error) => {
      if (!this.#warned) warn(this.#modules.log, this.#path.replace("\0", "@"), error);
      this.#warned = true;
    });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #send(message: Uint8Array): Promise<void> {
    const done = new AbortController();
    const late = this.#modules.clock.sleep(NOTIFY_TIMEOUT_MS, done.signal).then(() => {
      if (!done.signal.aborted) throw new Error(`it took no message within ${NOTIFY_TIMEOUT_MS / 1000} s`);
    });
    try {
      await Promise.race([this.#socket.send(message, { transport: "unixpacket", path: this.#path }), late]);
    } finally {
      done.abort();
    }
  }
}

/** A line for each, so none may have a line break in it. */
function messageOf(state: ServiceState): Uint8Array {
  const lines = Object.entries(state).map(([name, value]) => `${name}=${oneLine(value)}`);
  return new TextEncoder().encode(lines.join("\n"));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, MAX_STATUS_CHARS);
}
