import type { FlatType } from "../plan/types.ts";
import type { CoreValue } from "./descriptor.ts";

const bits = new DataView(new ArrayBuffer(8));

/** Puts a case's core value into the wider type all cases of its variant share. */
export function widen(value: CoreValue, from: FlatType, to: FlatType): CoreValue {
  if (from === to) return value;
  if (from === "f64") {
    bits.setFloat64(0, Number(value));
    return bits.getBigInt64(0);
  }
  if (from === "f32") bits.setFloat32(0, Number(value));
  else bits.setInt32(0, Number(value));
  return to === "i32" ? bits.getInt32(0) : BigInt(bits.getUint32(0));
}

/** The inverse of {@link widen}. */
export function narrow(value: unknown, from: FlatType, to: FlatType): unknown {
  if (from === to) return value;
  if (to === "f64") {
    bits.setBigInt64(0, value as bigint);
    return bits.getFloat64(0);
  }
  bits.setInt32(0, from === "i64" ? Number(BigInt.asIntN(32, value as bigint)) : Number(value));
  return to === "f32" ? bits.getFloat32(0) : bits.getInt32(0);
}
