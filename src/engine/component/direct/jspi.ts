/** A core function, or a Suspending wrapper around a host function, as instantiation takes it. */
export type CoreFunction = (...values: unknown[]) => unknown;

// JavaScript Promise Integration is in V8 but not yet in TypeScript's library.
const jspi = WebAssembly as unknown as {
  readonly Suspending: new (work: CoreFunction) => object;
  promising(core: CoreFunction): (...values: unknown[]) => Promise<unknown>;
};

/** Wraps a host function so that a promise it returns suspends the guest. */
export function suspending(work: CoreFunction): object {
  return new jspi.Suspending(work);
}

/** Wraps an exported function so that suspending imports may suspend it. */
export function promising(core: CoreFunction): (...values: unknown[]) => Promise<unknown> {
  return jspi.promising(core);
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
