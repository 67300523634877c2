import { backoffMs, type Context, type LogLevel } from "@/context/mod.ts";
import { deserializeError, serializeError, WavsError } from "@/domain/errors.ts";
import { DEFAULT_CREDIT, WORKER_READY_TIMEOUT_MS, WORKER_RESTART_BACKOFF } from "./limits.ts";
import { type Link, openLink } from "./link.ts";
import { isSerializedError } from "./messages.ts";
import type { CallOptions, Handlers, LinkStats, Remote } from "./types.ts";
import type { BootFailure, BootMessage } from "./worker.ts";

export interface WorkerOptions<Boot> {
  readonly name: string;
  readonly entry: URL;
  /** Spelled out in full, since an empty object would inherit everything; asked again at every restart. */
  readonly permissions: () => Deno.PermissionOptions;
  readonly logLevel: LogLevel;
  /** Its log level stays as it is, whatever the others may say. */
  readonly keepsLogLevel?: true;
  /** It runs code that may keep it busy for long, and whoever started it ends it then: nobody else waits for it. */
  readonly mayStall?: true;
  /** Calls the worker takes at once. */
  readonly credit?: number;
  /** What the worker is started with; asked again at every restart, since ports can be handed over only once. */
  readonly boot: () => { readonly boot: Boot; readonly transfer?: Transferable[] };
  /** Told after every start, the first included, before calls are let through. */
  readonly onStart?: (restarts: number) => void;
}

export interface WorkerModules<Main> {
  readonly context: Context;
  /** What the worker may ask of main. */
  readonly handlers: Handlers<Main>;
}

/** A worker that is kept running. Calls under way when it is lost fail with `worker_lost`; later ones wait for the next. */
export interface SupervisedWorker<Local> {
  readonly remote: Remote<Local>;
  stats(): LinkStats & { readonly restarts: number };
  /**
   * Starts it anew, for permissions that changed; calls under way fail with `worker_lost`. Resolves when it is up;
   * rejects when it does not start, which is then tried again with backoff.
   */
  restart(): Promise<void>;
  close(): void;
}

/**
 * Starts a worker and keeps it running.
 *
 * @throws WavsError what the worker's set-up threw, or `worker_lost` when it never became ready; only the first start
 * throws, later ones are tried again with backoff
 */
export async function startWorker<Local, Main, Boot>(
  options: WorkerOptions<Boot>,
  modules: WorkerModules<Main>,
): Promise<SupervisedWorker<Local>> {
  const supervisor = new Supervisor<Local, Main, Boot>(options, modules);
  await supervisor.startFirst();
  return supervisor;
}

class Supervisor<Local, Main, Boot> implements SupervisedWorker<Local> {
  readonly remote: Remote<Local>;
  readonly #options: WorkerOptions<Boot>;
  readonly #context: Context;
  readonly #handlers: Handlers<Main>;
  #worker: Worker | undefined;
  #link: Link<Local> | undefined;
  /** The link once its worker is up. */
  #running: Link<Local> | undefined;
  #up = Promise.withResolvers<Link<Local>>();
  #restarts = 0;
  /** Counts restarts on purpose: a start that a later one overtook is over, whatever comes of it. */
  #generation = 0;
  #attempt = 0;
  #closed = false;
  #leave: () => void = () => {};

  constructor(options: WorkerOptions<Boot>, modules: WorkerModules<Main>) {
    this.#options = options;
    this.#context = modules.context;
    this.#handlers = modules.handlers;
    this.#up.promise.catch(() => {});
    this.remote = new Proxy({} as Remote<Local>, {
      get: (_, method) =>
        typeof method === "string" && method !== "then"
          ? async (argument: unknown, callOptions?: CallOptions) => {
            const link = await this.#up.promise;
            const call = link.remote[method as keyof Local] as (argument: unknown, options?: CallOptions) => unknown;
            return call(argument, callOptions);
          }
          : undefined,
    });
  }

  stats(): LinkStats & { readonly restarts: number } {
    const stats = this.#link?.stats() ?? { inFlight: 0, waiting: 0, credit: 0 };
    return { ...stats, restarts: this.#restarts };
  }

  /** Starts it, and from then on others may ask for it. */
  async startFirst(): Promise<void> {
    await this.start();
    const { name, keepsLogLevel, mayStall } = this.#options;
    this.#leave = this.#context.workers?.add({
      name,
      alive: mayStall ? () => Promise.resolve() : (signal) => this.#alive(signal),
      setLogLevel: keepsLogLevel ? () => {} : (level) => this.#link?.setLogLevel(level),
    }) ?? this.#leave;
  }

  async start(): Promise<void> {
    const link = this.#open();
    const timeout = setTimeout(() => link.close(this.#lost("it was not ready in time")), WORKER_READY_TIMEOUT_MS);
    try {
      await link.ready;
      if (this.#link !== link) throw this.#lost("it was stopped");
    } catch (error) {
      if (this.#link === link) this.#tearDown();
      throw error;
    } finally {
      clearTimeout(timeout);
    }
    this.#options.onStart?.(this.#restarts);
    this.#running = link;
    this.#up.resolve(link);
  }

  async restart(): Promise<void> {
    if (this.#closed) throw this.#lost("the node is shutting down");
    const generation = ++this.#generation;
    this.#tearDown();
    try {
      await this.start();
    } catch (error) {
      if (generation === this.#generation) {
        void this.#restart();
        throw error;
      }
      // Whoever restarted it meanwhile brings it up.
      await this.#up.promise;
    }
  }

  close(): void {
    this.#closed = true;
    this.#leave();
    this.#tearDown();
    this.#up.reject(this.#lost("the node is shutting down"));
  }

  /** One that is being started again is waited for. */
  async #alive(signal: AbortSignal): Promise<void> {
    const gaveUp = Promise.withResolvers<never>();
    const giveUp = () => gaveUp.reject(this.#lost("it is not up"));
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      const link = await Promise.race([this.#up.promise, gaveUp.promise]);
      await link.ping(signal);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  #logLevel(): LogLevel {
    const { logLevel, keepsLogLevel } = this.#options;
    return keepsLogLevel ? logLevel : this.#context.workers?.logLevel ?? logLevel;
  }

  #open(): Link<Local> {
    const { name, entry, permissions, credit } = this.#options;
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(entry, { type: "module", name, deno: { permissions: permissions() } });
    const link = openLink<Local, Main>(
      { name: `main → ${name}` },
      {
        port: port1,
        handlers: this.#handlers,
        log: this.#context.log.child(name),
        onViolation: () => this.#onLost(link, this.#lost("it sent what is no message of its link")),
      },
    );
    worker.onerror = (event) => {
      event.preventDefault();
      this.#onLost(link, this.#lost(event.message));
    };
    // A failure to start is all that is ever said outside the link.
    worker.onmessage = (event: MessageEvent<Partial<BootFailure> | null>) => {
      const failure = event.data?.error;
      const isFailure = this.#running !== link && isSerializedError(failure);
      this.#onLost(link, isFailure ? deserializeError(failure) : this.#lost("it spoke outside its link"));
    };
    const { boot, transfer } = this.#options.boot();
    const message: BootMessage<Boot> = {
      port: port2,
      name,
      logLevel: this.#logLevel(),
      credit: credit ?? DEFAULT_CREDIT,
      boot,
    };
    worker.postMessage(message, [port2, ...(transfer ?? [])]);
    this.#worker = worker;
    this.#link = link;
    return link;
  }

  #lost(why: string): WavsError {
    const name = this.#options.name;
    return new WavsError("worker_lost", { message: `The "${name}" worker ended because ${why}`, retryable: true });
  }

  /** Calls that wait for a start go on waiting for the next; those that come after a worker was up wait from now on. */
  #tearDown(): void {
    if (this.#running !== undefined) {
      this.#up = Promise.withResolvers();
      this.#up.promise.catch(() => {});
    }
    this.#worker?.terminate();
    this.#link?.close(this.#lost("it was stopped"));
    this.#worker = undefined;
    this.#link = undefined;
    this.#running = undefined;
  }

  /** One that is still starting is its starter's business, who learns of it by its link. */
  #onLost(link: Link<Local>, error: WavsError): void {
    const wasUp = this.#running === link;
    link.close(error);
    if (this.#closed || !wasUp) return;
    this.#tearDown();
    this.#context.log.error("Worker lost, starting it again", {
      worker: this.#options.name,
      cause: serializeError(error),
    });
    void this.#restart();
  }

  async #restart(): Promise<void> {
    const { clock, random, signal } = this.#context;
    const generation = this.#generation;
    while (!this.#closed) {
      await clock.sleep(backoffMs(WORKER_RESTART_BACKOFF, ++this.#attempt, random), signal);
      if (this.#closed || signal.aborted || generation !== this.#generation) return;
      this.#restarts++;
      try {
        const startedAt = clock.monotonic();
        await this.start();
        void this.#up.promise.then(() => this.#forgiveAfter(startedAt));
        return;
      } catch (error) {
        this.#context.log.error("Worker does not start", { worker: this.#options.name, cause: serializeError(error) });
      }
    }
  }

  /** Once a restarted worker has stayed up for the longest pause, its next loss counts as the first again. */
  async #forgiveAfter(startedAt: number): Promise<void> {
    const link = this.#link;
    const { clock, signal } = this.#context;
    await clock.sleep(Math.max(0, startedAt + WORKER_RESTART_BACKOFF.maxMs - clock.monotonic()), signal);
    if (this.#link === link) this.#attempt = 0;
  }
}
