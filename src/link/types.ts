import type { LogFields, LogLevel } from "@/context/mod.ts";
import type { SerializedError } from "@/domain/errors.ts";

/** What a handler is told besides its argument. */
export interface CallContext {
  /** Aborts when the caller gave up or the link closed. */
  readonly signal: AbortSignal;
}

/**
 * An interface one side of a link serves: methods with one structured-cloneable argument.
 *
 * The constraint is deliberately loose (an interface has no index signature); `Remote` and `Handlers` keep the types.
 */
export type Api<Self> = { readonly [Method in keyof Self]: (argument: never) => unknown };

/** The serving side of an {@link Api}. */
export type Handlers<Self> = {
  readonly [Method in keyof Self]: Self[Method] extends (argument: infer Argument) => infer Result
    ? (argument: Argument, call: CallContext) => Awaited<Result> | Promise<Awaited<Result>>
    : never;
};

export interface CallOptions {
  /** Gives up on the call; the other side is told. */
  readonly signal?: AbortSignal;
  /** Buffers and ports that move instead of being copied. */
  readonly transfer?: Transferable[];
}

/** The calling side of an {@link Api}. */
export type Remote<Self> = {
  readonly [Method in keyof Self]: Self[Method] extends (argument: infer Argument) => infer Result
    ? (argument: Argument, options?: CallOptions) => Promise<Awaited<Result>>
    : never;
};

/** How full a link is, for metrics. */
export interface LinkStats {
  readonly inFlight: number;
  readonly waiting: number;
  /** Calls the other side takes at once. */
  readonly credit: number;
}

/** What crosses the port. `hello` comes first and announces how many calls its sender takes at once. */
export type LinkMessage =
  | { readonly type: "hello"; readonly credit: number }
  | { readonly type: "call"; readonly id: number; readonly method: string; readonly argument: unknown }
  | { readonly type: "cancel"; readonly id: number }
  // Answered by the link itself and at any time: calls wait for credit, which slow ones can use up.
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "pong"; readonly id: number }
  | { readonly type: "level"; readonly level: LogLevel }
  | { readonly type: "return"; readonly id: number; readonly value: unknown }
  | { readonly type: "throw"; readonly id: number; readonly error: SerializedError }
  | {
    readonly type: "log";
    readonly level: LogLevel;
    readonly module: string;
    readonly message: string;
    readonly fields: LogFields;
  };
