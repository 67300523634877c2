import type { Logger, LogLevel } from "@/context/mod.ts";
import { deserializeError, type SerializedError, serializeError, WavsError } from "@/domain/errors.ts";
import { DEFAULT_CREDIT, MAX_OFFENCES_LOGGED, MAX_SERVED_PER_CREDIT, MAX_WAITING_CALLS } from "./limits.ts";
import { boundedFields, boundedText, readMessage } from "./messages.ts";
import type { CallOptions, Handlers, LinkMessage, LinkStats, Remote } from "./types.ts";

export interface LinkOptions {
  /** For errors and logs: `main → signer`. */
  readonly name: string;
  /** Calls this side takes at once. */
  readonly credit?: number;
}

export interface LinkModules<Local> {
  readonly port: MessagePort;
  readonly handlers: Handlers<Local>;
  /** Where log records of the other side go; without it they are dropped. */
  readonly log?: Logger;
  /** Told when the other side sent what is no message, which only a broken or hostile one does; the link is closed then. */
  readonly onViolation?: () => void;
  /** Told what the other side wants to hear from now on; without it that is not this side's business. */
  readonly onLogLevel?: (level: LogLevel) => void;
}

/** One end of a bounded two-way channel of calls over a MessagePort. */
export interface Link<Other> {
  /** Calls the other side; waits while it has no credit left. */
  readonly remote: Remote<Other>;
  /** Resolves once the other side has said hello. */
  readonly ready: Promise<void>;
  /** Resolves once the other side's event loop has answered, however many calls it has under way. */
  ping(signal: AbortSignal): Promise<void>;
  /** Tells the other side what of its log is to cross. */
  setLogLevel(level: LogLevel): void;
  stats(): LinkStats;
  /** Ends the link: every call under way fails with `error`, or with `link_closed`. */
  close(error?: WavsError): void;
}

/** Errors of handlers that only the caller can be to blame for. */
const OFFENCES: ReadonlySet<string> = new Set(["unknown_method", "message_malformed"]);

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WavsError) => void;
}

/**
 * Opens one end of a link and says hello; the other end does the same.
 *
 * @throws WavsError (from calls) whatever the other side threw; `link_overloaded` when too many calls wait,
 * `link_closed` when the link ends, `call_aborted` when the caller's signal fires
 */
export function openLink<Other, Local>(options: LinkOptions, modules: LinkModules<Local>): Link<Other> {
  return new PortLink<Other, Local>(options, modules);
}

class PortLink<Other, Local> implements Link<Other> {
  readonly remote: Remote<Other>;
  readonly ready: Promise<void>;
  readonly #name: string;
  readonly #port: MessagePort;
  readonly #handlers: Handlers<Local>;
  readonly #log: Logger | undefined;
  readonly #onViolation: () => void;
  readonly #onLogLevel: (level: LogLevel) => void;
  readonly #maxServed: number;
  readonly #pending = new Map<number, PendingCall>();
  readonly #pings = new Map<number, PendingCall>();
  readonly #serving = new Map<number, AbortController>();
  readonly #waiting: (() => void)[] = [];
  readonly #hello = Promise.withResolvers<void>();
  #credit = 0;
  #offences = 0;
  #nextId = 1;
  #closed: WavsError | undefined;

  constructor(options: LinkOptions, modules: LinkModules<Local>) {
    this.#name = options.name;
    this.#port = modules.port;
    this.#handlers = modules.handlers;
    this.#log = modules.log;
    this.#onViolation = modules.onViolation ?? (() => {});
    this.#onLogLevel = modules.onLogLevel ?? (() => {});
    const credit = options.credit ?? DEFAULT_CREDIT;
    this.#maxServed = credit * MAX_SERVED_PER_CREDIT;
    this.ready = this.#hello.promise;
    this.ready.catch(() => {});
    this.remote = new Proxy({} as Remote<Other>, {
      get: (_, method) =>
        // A promise resolved with `remote` asks for `then`; it is no method of any api.
        typeof method === "string" && method !== "then"
          ? (argument: unknown, callOptions?: CallOptions) => this.#call(method, argument, callOptions ?? {})
          : undefined,
    });
    this.#port.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    this.#post({ type: "hello", credit });
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#hello.promise;
    if (signal.aborted) throw abortedError(this.#name, "a ping");
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const abort = () => reject(abortedError(this.#name, "a ping"));
    signal.addEventListener("abort", abort, { once: true });
    this.#pings.set(id, { resolve, reject });
    try {
      this.#post({ type: "ping", id });
      await promise;
    } finally {
      this.#pings.delete(id);
      signal.removeEventListener("abort", abort);
    }
  }

  setLogLevel(level: LogLevel): void {
    this.#post({ type: "level", level });
  }

  stats(): LinkStats {
    return { inFlight: this.#pending.size, waiting: this.#waiting.length, credit: this.#credit };
  }

  close(error?: WavsError): void {
    if (this.#closed !== undefined) return;
    const reason = error ?? new WavsError("link_closed", {
      message: `Cannot call over "${this.#name}" because the link was closed`,
      retryable: true,
    });
    this.#closed = reason;
    this.#hello.reject(reason);
    for (const wake of this.#waiting.splice(0)) wake();
    for (const call of [...this.#pending.values(), ...this.#pings.values()]) call.reject(reason);
    this.#pending.clear();
    for (const controller of this.#serving.values()) controller.abort();
    this.#serving.clear();
    this.#port.onmessage = null;
    this.#port.close();
  }

  async #call(method: string, argument: unknown, options: CallOptions): Promise<unknown> {
    await this.#takeTurn(options.signal);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    const abort = () => {
      if (!this.#pending.has(id)) return;
      this.#post({ type: "cancel", id });
      this.#settle(id)?.reject(abortedError(this.#name, method));
    };
    options.signal?.addEventListener("abort", abort, { once: true });
    try {
      this.#post({ type: "call", id, method, argument }, options.transfer);
    } catch (cause) {
      this.#settle(id);
      throw new WavsError("call_not_cloneable", {
        message: `Cannot call "${method}" over "${this.#name}" because its argument cannot be copied`,
        retryable: false,
        cause,
      });
    }
    try {
      return await promise;
    } finally {
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** Waits until the other side can take one more call. */
  async #takeTurn(signal: AbortSignal | undefined): Promise<void> {
    while (this.#closed === undefined && this.#pending.size >= this.#credit) {
      if (signal?.aborted) break;
      if (this.#waiting.length >= MAX_WAITING_CALLS) throw overloaded(this.#name, MAX_WAITING_CALLS);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    }
    if (this.#closed !== undefined) throw this.#closed;
    if (signal?.aborted) throw abortedError(this.#name, "a method");
  }

  #settle(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    this.#waiting.shift()?.();
    return call;
  }

  #receive(data: unknown): void {
    const message = readMessage(data);
    if (message === undefined) {
      const why = `The link "${this.#name}" was closed because the other side sent what is no message of a link`;
      this.close(new WavsError("link_violated", { message: why, retryable: true }));
      this.#onViolation();
      return;
    }
    switch (message.type) {
      case "hello":
        this.#credit = message.credit;
        this.#hello.resolve();
        for (const wake of this.#waiting.splice(0)) wake();
        return;
      case "call":
        void this.#serve(message.id, message.method, message.argument);
        return;
      case "cancel":
        this.#serving.get(message.id)?.abort();
        return;
      case "ping":
        this.#post({ type: "pong", id: message.id });
        return;
      case "pong":
        this.#pings.get(message.id)?.resolve(undefined);
        return;
      case "level":
        this.#onLogLevel(message.level);
        return;
      case "return":
        this.#settle(message.id)?.resolve(message.value);
        return;
      case "throw":
        this.#settle(message.id)?.reject(deserializeError(message.error));
        return;
      case "log":
        this.#log?.child(message.module)[message.level](boundedText(message.message), boundedFields(message.fields));
        return;
    }
  }

  async #serve(id: number, method: string, argument: unknown): Promise<void> {
    if (this.#serving.size >= this.#maxServed || this.#serving.has(id)) {
      const error = serializeError(overloaded(this.#name, this.#serving.size));
      this.#tellOffence(method, error);
      this.#post({ type: "throw", id, error });
      return;
    }
    const controller = new AbortController();
    this.#serving.set(id, controller);
    try {
      if (!Object.hasOwn(this.#handlers, method)) {
        throw new WavsError("unknown_method", {
          message: `Cannot serve "${method}" over "${this.#name}" because there is no such method`,
          retryable: false,
        });
      }
      const handler = this.#handlers[method as keyof Handlers<Local>] as (
        argument: unknown,
        call: { signal: AbortSignal },
      ) => unknown;
      const value = await handler(argument, { signal: controller.signal });
      this.#post({ type: "return", id, value });
    } catch (cause) {
      const error = serializeError(cause);
      if (OFFENCES.has(error.code)) this.#tellOffence(method, error);
      this.#post({ type: "throw", id, error });
    } finally {
      this.#serving.delete(id);
    }
  }

  #tellOffence(method: string, cause: SerializedError): void {
    if (++this.#offences > MAX_OFFENCES_LOGGED) return;
    this.#log?.warn("A call was refused that no sound worker makes", { method, cause });
  }

  #post(message: LinkMessage, transfer: Transferable[] = []): void {
    if (this.#closed === undefined) this.#port.postMessage(message, transfer);
  }
}

function overloaded(link: string, calls: number): WavsError {
  return new WavsError("link_overloaded", {
    message: `Cannot call over "${link}" because ${calls} calls are waiting already`,
    retryable: true,
  });
}

function abortedError(link: string, method: string): WavsError {
  return new WavsError("call_aborted", {
    message: `Stopped waiting for "${method}" over "${link}" because the caller gave up`,
    retryable: true,
  });
}
