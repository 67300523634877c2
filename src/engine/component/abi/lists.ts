import { LIFTED_ELEMENT_BYTES } from "../limits.ts";
import type { Layout, TypeShape } from "../plan/types.ts";
import type { CallContext } from "./call_context.ts";
import { type Descriptor, mismatch } from "./descriptor.ts";

type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

type NumberArrayConstructor = (new (buffer: ArrayBuffer) => NumberArray) & { readonly BYTES_PER_ELEMENT: number };

const NUMBER_ARRAYS: Readonly<Record<string, NumberArrayConstructor>> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** A list of numbers is the typed array for them, copied whole; any other list is an array. */
export function listDescriptor(layout: Layout, element: Descriptor, elementShape: TypeShape): Descriptor {
  const numbers = elementShape.kind === "primitive" ? NUMBER_ARRAYS[elementShape.name] : undefined;
  const elements = numbers === undefined ? objectElements(element) : numberElements(element, numbers);
  return {
    layout,
    load: (context, address) =>
      elements.load(context, context.view.getUint32(address, true), context.view.getUint32(address + 4, true)),
    store: (context, value, address) => {
      const [start, length] = elements.store(context, value);
      context.view.setUint32(address, start, true);
      context.view.setUint32(address + 4, length, true);
    },
    lift: (context, source) => {
      const start = Number(source.values[source.next++]) >>> 0;
      return elements.load(context, start, Number(source.values[source.next++]) >>> 0);
    },
    lower: (context, value, target) => {
      target.push(...elements.store(context, value));
    },
  };
}

interface Elements {
  load(context: CallContext, address: number, length: number): unknown;
  store(context: CallContext, value: unknown): [address: number, length: number];
}

function objectElements(element: Descriptor): Elements {
  const { bytes, align } = element.layout;
  return {
    load: (context, address, length) => {
      context.checkRange(address, length * bytes, align);
      context.countLifted(length * (bytes + LIFTED_ELEMENT_BYTES));
      const list = new Array<unknown>(length);
      for (let i = 0; i < length; i++) list[i] = element.load(context, address + i * bytes);
      return list;
    },
    store: (context, value) => {
      if (!isListLike(value)) throw mismatch("a list", value);
      return storeEach(context, value, element);
    },
  };
}

function numberElements(element: Descriptor, numbers: NumberArrayConstructor): Elements {
  const { bytes, align } = element.layout;
  return {
    load: (context, address, length) => {
      context.checkRange(address, length * bytes, align);
      context.countLifted(length * bytes);
      const copy = context.bytes.slice(address, address + length * bytes);
      return numbers === Uint8Array ? copy : new numbers(copy.buffer as ArrayBuffer);
    },
    store: (context, value) => {
      if (!isListLike(value)) throw mismatch("a list", value);
      if (!(value instanceof numbers)) return storeEach(context, value, element);
      const source = value as NumberArray;
      const address = context.allocate(source.byteLength, align);
      context.bytes.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), address);
      return [address, source.length];
    },
  };
}

function storeEach(context: CallContext, list: ArrayLike<unknown>, element: Descriptor): [number, number] {
  const { bytes, align } = element.layout;
  const { length } = list;
  const address = context.allocate(length * bytes, align);
  for (let i = 0; i < length; i++) element.store(context, list[i], address + i * bytes);
  return [address, length];
}

function isListLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
