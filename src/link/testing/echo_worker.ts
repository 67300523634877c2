import type { LogLevel } from "@/context/mod.ts";
import { serveWorker } from "../mod.ts";

/** What the worker of the link tests serves. */
export interface EchoApi {
  echo(value: unknown): unknown;
  crash(argument: undefined): void;
  /** Keeps its event loop busy for so many milliseconds. Not for ever: ending a worker does not stop what computes. */
  spin(ms: number): void;
  /** Is under way until it is ended. */
  hang(argument: undefined): void;
  /** Logs one record of this level. */
  log(level: LogLevel): void;
  askMain(question: string): string;
  environmentAccess(argument: undefined): string;
}

export interface EchoMain {
  answer(question: string): string;
}

serveWorker<{ refuse: boolean }, EchoApi, EchoMain>((boot, context, main) => {
  if (boot.refuse) throw new Error("told to refuse");
  return {
    echo: (value) => value,
    crash: () => {
      setTimeout(() => {
        throw new Error("crashed on demand");
      });
    },
    spin: (ms) => {
      const endMs = context.clock.monotonic() + ms;
      while (context.clock.monotonic() < endMs);
    },
    hang: () => new Promise(() => {}),
    log: (level) => context.log[level](`a record of level ${level}`),
    askMain: (question) => main().answer(question),
    environmentAccess: () => {
      context.log.info("asked for the environment");
      try {
        Deno.env.get("HOME");
        return "granted";
      } catch {
        return "denied";
      }
    },
  };
});
