/// <reference lib="deno.worker" />
import { type Context, createContext, type LogLevel } from "@/context/mod.ts";
import { serializeError } from "@/domain/errors.ts";
import { type Link, openLink } from "./link.ts";
import { createPortLogger } from "./port_logger.ts";
import type { Handlers, Remote } from "./types.ts";

/** The first and only message a worker gets outside its link. */
export interface BootMessage<Boot> {
  readonly port: MessagePort;
  readonly name: string;
  readonly logLevel: LogLevel;
  readonly credit: number;
  readonly boot: Boot;
}

/** The last thing a worker says when it cannot start. */
export interface BootFailure {
  readonly type: "boot-failed";
  readonly error: ReturnType<typeof serializeError>;
}

/**
 * What a worker's entry file calls: waits for its boot message, sets the subsystem up, then serves it over the link.
 *
 * `setup` gets a `main()` accessor since handlers exist before the link does; call it from handlers only.
 */
export function serveWorker<Boot, Local, Main>(
  setup: (boot: Boot, context: Context, main: () => Remote<Main>) => Promise<Handlers<Local>> | Handlers<Local>,
): void {
  self.onmessage = async (event: MessageEvent<BootMessage<Boot>>) => {
    const { port, name, logLevel, credit, boot } = event.data;
    const verbosity = { level: logLevel };
    const shutdown = new AbortController();
    const context = createContext({ log: createPortLogger(port, verbosity), signal: shutdown.signal });
    let link: Link<Main> | undefined;
    const main = () => {
      if (link === undefined) throw new Error("the link to main is not open yet");
      return link.remote;
    };
    try {
      const handlers = await setup(boot, context, main);
      link = openLink<Main, Local>({ name: `${name} → main`, credit }, {
        port,
        handlers,
        onLogLevel: (level) => verbosity.level = level,
      });
    } catch (error) {
      self.postMessage({ type: "boot-failed", error: serializeError(error) } satisfies BootFailure);
    }
  };
}
