import type { FlatType, Layout, TypeShape, ValueType } from "./types.ts";
import { MAX_FLAT } from "./types.ts";

/** The layout of a type from its parts' (component model, canonical ABI: alignment, size, flattening). */
export function layoutOf(shape: TypeShape, types: readonly ValueType[]): Layout {
  const part = (index: number): Layout => {
    const type = types[index];
    if (type === undefined) throw new RangeError(`type ${index} is not defined yet`);
    return type.layout;
  };
  const optionalPart = (index: number | undefined) => index === undefined ? undefined : part(index);
  switch (shape.kind) {
    case "primitive":
      return PRIMITIVE_LAYOUTS[shape.name];
    case "record":
      return sequence(shape.fields.map((field) => part(field.type)));
    case "tuple":
      return sequence(shape.elements.map(part));
    case "list":
      return {
        ...leaf(8, 4, ["i32", "i32"]),
        depth: part(shape.element).depth + 1,
        hasBorrow: part(shape.element).hasBorrow,
        hasPointer: true,
      };
    case "flags": {
      const bytes = flagsBytes(shape.names.length);
      return leaf(bytes, bytes, ["i32"]);
    }
    case "enum":
      return choice(shape.names.map(() => undefined));
    case "variant":
      return choice(shape.cases.map((each) => optionalPart(each.type)));
    case "option":
      return choice([undefined, part(shape.some)]);
    case "result":
      return choice([optionalPart(shape.ok), optionalPart(shape.err)]);
    case "own":
    case "borrow":
      return { ...leaf(4, 4, ["i32"]), hasBorrow: shape.kind === "borrow" };
  }
}

function leaf(bytes: number, align: number, flat: readonly FlatType[]): Layout {
  return { bytes, align, flat, depth: 1, hasBorrow: false, hasPointer: false };
}

const PRIMITIVE_LAYOUTS = {
  bool: leaf(1, 1, ["i32"]),
  s8: leaf(1, 1, ["i32"]),
  u8: leaf(1, 1, ["i32"]),
  s16: leaf(2, 2, ["i32"]),
  u16: leaf(2, 2, ["i32"]),
  s32: leaf(4, 4, ["i32"]),
  u32: leaf(4, 4, ["i32"]),
  s64: leaf(8, 8, ["i64"]),
  u64: leaf(8, 8, ["i64"]),
  f32: leaf(4, 4, ["f32"]),
  f64: leaf(8, 8, ["f64"]),
  char: leaf(4, 4, ["i32"]),
  string: { ...leaf(8, 4, ["i32", "i32"]), hasPointer: true },
} as const;

export function alignUp(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

/** Byte offsets of the parts of a record or tuple. */
export function fieldOffsets(parts: readonly Layout[]): number[] {
  let end = 0;
  return parts.map((part) => {
    const offset = alignUp(end, part.align);
    end = offset + part.bytes;
    return offset;
  });
}

function sequence(parts: readonly Layout[]): Layout {
  const offsets = fieldOffsets(parts);
  const last = parts.at(-1);
  const end = last === undefined ? 0 : (offsets.at(-1) ?? 0) + last.bytes;
  const align = largest(parts, (part) => part.align, 1);
  const flat: FlatType[] = [];
  for (const part of parts) {
    for (const type of part.flat) if (flat.length <= MAX_FLAT) flat.push(type);
  }
  return { bytes: alignUp(end, align), align, flat, ...inherited(parts) };
}

export function discriminantBytes(cases: number): 1 | 2 | 4 {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

export function flagsBytes(flags: number): 1 | 2 | 4 {
  return flags <= 8 ? 1 : flags <= 16 ? 2 : 4;
}

/** Where the payload of a variant begins. */
export function payloadOffset(cases: readonly (Layout | undefined)[]): number {
  return alignUp(discriminantBytes(cases.length), largest(cases, (each) => each?.align ?? 1, 1));
}

function choice(cases: readonly (Layout | undefined)[]): Layout {
  const payloads = cases.filter((each) => each !== undefined);
  const align = largest(payloads, (each) => each.align, discriminantBytes(cases.length));
  const end = payloadOffset(cases) + largest(payloads, (each) => each.bytes, 0);
  const joined: FlatType[] = [];
  for (const payload of payloads) {
    payload.flat.slice(0, MAX_FLAT).forEach((type, i) => {
      const other = joined[i];
      joined[i] = other === undefined ? type : joinFlat(other, type);
    });
  }
  return { bytes: alignUp(end, align), align, flat: ["i32", ...joined], ...inherited(payloads) };
}

/** The core type that can carry either of two. */
function joinFlat(a: FlatType, b: FlatType): FlatType {
  if (a === b) return a;
  const both32 = (a === "i32" || a === "f32") && (b === "i32" || b === "f32");
  return both32 ? "i32" : "i64";
}

function inherited(parts: readonly Layout[]): Pick<Layout, "depth" | "hasBorrow" | "hasPointer"> {
  return {
    depth: 1 + largest(parts, (part) => part.depth, 0),
    hasBorrow: parts.some((part) => part.hasBorrow),
    hasPointer: parts.some((part) => part.hasPointer),
  };
}

/** Not `Math.max(...)`: a hostile type may have more parts than a call may have arguments. */
function largest<T>(parts: readonly T[], measure: (part: T) => number, least: number): number {
  return parts.reduce((most, part) => Math.max(most, measure(part)), least);
}
