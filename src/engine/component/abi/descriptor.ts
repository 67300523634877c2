import { HostValueError } from "../errors.ts";
import type { Layout } from "../plan/types.ts";
import type { CallContext } from "./call_context.ts";

/** A core value: what crosses between JavaScript and a core function. */
export type CoreValue = number | bigint;

/** Core values being taken apart, from left to right. */
export interface FlatSource {
  readonly values: ArrayLike<unknown>;
  next: number;
}

/**
 * One value type's half of the canonical ABI, made once per worker and shared by all instances.
 *
 * `load` and `store` work on guest memory, whose bounds the caller has checked for the whole value; `lift` and `lower`
 * on core values. Guest mistakes throw Trap, wrong values from the host HostValueError.
 */
export interface Descriptor {
  readonly layout: Layout;
  load(context: CallContext, address: number): unknown;
  store(context: CallContext, value: unknown, address: number): void;
  lift(context: CallContext, source: FlatSource): unknown;
  lower(context: CallContext, value: unknown, target: CoreValue[]): void;
}

/** For values of the wrong shape from the host: says what was expected and what came. */
export function mismatch(expected: string, value: unknown): HostValueError {
  const got = typeof value === "object" ? Object.prototype.toString.call(value) : `${typeof value} "${String(value)}"`;
  return new HostValueError(`expected ${expected}, got ${got.slice(0, 100)}`);
}

/** The object behind `value`, for reading fields from; anything else is the host's mistake. */
export function asFields(value: unknown, expected: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw mismatch(expected, value);
  return value as Readonly<Record<string, unknown>>;
}
