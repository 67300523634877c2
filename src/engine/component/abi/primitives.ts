import type { PrimitiveName } from "../binary/ast.ts";
import { Trap } from "../errors.ts";
import type { Layout } from "../plan/types.ts";
import { type CoreValue, type Descriptor, mismatch } from "./descriptor.ts";

export type ScalarName = Exclude<PrimitiveName, "string">;

interface Scalar {
  load(view: DataView, address: number): unknown;
  store(view: DataView, address: number, value: CoreValue): void;
  /** From a core value; guests may leave rubbish in the unused bits. */
  lift(value: unknown): unknown;
  /** From the host's value. */
  lower(value: unknown): CoreValue;
}

/** Booleans and numbers are what JavaScript has for them; 64-bit integers are bigint, a char is a string. */
export function scalarDescriptor(name: ScalarName, layout: Layout): Descriptor {
  const scalar = SCALARS[name];
  return {
    layout,
    load: (context, address) => scalar.load(context.view, address),
    store: (context, value, address) => scalar.store(context.view, address, scalar.lower(value)),
    lift: (_, source) => scalar.lift(source.values[source.next++]),
    lower: (_, value, target) => {
      target.push(scalar.lower(value));
    },
  };
}

const SCALARS: Readonly<Record<ScalarName, Scalar>> = {
  bool: {
    load: (view, address) => view.getUint8(address) !== 0,
    store: (view, address, value) => view.setUint8(address, Number(value)),
    lift: (value) => Number(value) !== 0,
    lower: (value) => value ? 1 : 0,
  },
  u8: {
    load: (view, address) => view.getUint8(address),
    store: (view, address, value) => view.setUint8(address, Number(value)),
    lift: (value) => Number(value) & 0xff,
    lower: (value) => integer(value) & 0xff,
  },
  s8: {
    load: (view, address) => view.getInt8(address),
    store: (view, address, value) => view.setInt8(address, Number(value)),
    lift: (value) => Number(value) << 24 >> 24,
    lower: (value) => integer(value) << 24 >> 24,
  },
  u16: {
    load: (view, address) => view.getUint16(address, true),
    store: (view, address, value) => view.setUint16(address, Number(value), true),
    lift: (value) => Number(value) & 0xffff,
    lower: (value) => integer(value) & 0xffff,
  },
  s16: {
    load: (view, address) => view.getInt16(address, true),
    store: (view, address, value) => view.setInt16(address, Number(value), true),
    lift: (value) => Number(value) << 16 >> 16,
    lower: (value) => integer(value) << 16 >> 16,
  },
  u32: {
    load: (view, address) => view.getUint32(address, true),
    store: (view, address, value) => view.setUint32(address, Number(value), true),
    lift: (value) => Number(value) >>> 0,
    lower: (value) => integer(value) >>> 0,
  },
  s32: {
    load: (view, address) => view.getInt32(address, true),
    store: (view, address, value) => view.setInt32(address, Number(value), true),
    lift: (value) => Number(value) | 0,
    lower: (value) => integer(value) | 0,
  },
  u64: {
    load: (view, address) => view.getBigUint64(address, true),
    store: (view, address, value) => view.setBigUint64(address, BigInt(value), true),
    lift: (value) => BigInt.asUintN(64, coreInteger(value)),
    lower: (value) => BigInt.asUintN(64, bigInteger(value)),
  },
  s64: {
    load: (view, address) => view.getBigInt64(address, true),
    store: (view, address, value) => view.setBigInt64(address, BigInt(value), true),
    lift: (value) => BigInt.asIntN(64, coreInteger(value)),
    lower: (value) => BigInt.asIntN(64, bigInteger(value)),
  },
  f32: {
    load: (view, address) => view.getFloat32(address, true),
    store: (view, address, value) => view.setFloat32(address, Number(value), true),
    lift: Number,
    lower: Number,
  },
  f64: {
    load: (view, address) => view.getFloat64(address, true),
    store: (view, address, value) => view.setFloat64(address, Number(value), true),
    lift: Number,
    lower: Number,
  },
  char: {
    load: (view, address) => character(view.getUint32(address, true)),
    store: (view, address, value) => view.setUint32(address, Number(value), true),
    lift: (value) => character(Number(value) >>> 0),
    lower: codePoint,
  },
};

function integer(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value)) throw mismatch("an integer", value);
  return value;
}

function bigInteger(value: unknown): bigint {
  if (typeof value !== "bigint") throw mismatch("a bigint", value);
  return value;
}

/** A core `i64`; anything else means a core function with another type than the component promised. */
function coreInteger(value: unknown): bigint {
  if (typeof value !== "bigint") throw new Trap("core function signature mismatch");
  return value;
}

function isScalarValue(code: number): boolean {
  return code < 0xd800 || (code > 0xdfff && code < 0x110000);
}

function character(code: number): string {
  if (!isScalarValue(code)) throw new Trap("invalid character");
  return String.fromCodePoint(code);
}

function codePoint(value: unknown): number {
  const code = typeof value === "string" ? value.codePointAt(0) : undefined;
  if (code === undefined || !isScalarValue(code)) throw mismatch("a character", value);
  return code;
}
