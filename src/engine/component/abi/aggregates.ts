import { fieldOffsets } from "../plan/layout.ts";
import { camelCase } from "../plan/names.ts";
import type { Layout } from "../plan/types.ts";
import { asFields, type Descriptor, mismatch } from "./descriptor.ts";

export interface FieldDescriptor {
  readonly name: string;
  readonly descriptor: Descriptor;
}

/** A record is an object with camelCase fields. */
export function recordDescriptor(layout: Layout, fields: readonly FieldDescriptor[]): Descriptor {
  const offsets = fieldOffsets(fields.map((field) => field.descriptor.layout));
  const parts = fields.map((field, i) => ({
    key: camelCase(field.name),
    descriptor: field.descriptor,
    offset: offsets[i] ?? 0,
  }));
  return {
    layout,
    load: (context, address) => {
      const record: Record<string, unknown> = {};
      for (const part of parts) record[part.key] = part.descriptor.load(context, address + part.offset);
      return record;
    },
    store: (context, value, address) => {
      const record = asFields(value, "a record");
      for (const part of parts) part.descriptor.store(context, record[part.key], address + part.offset);
    },
    lift: (context, source) => {
      const record: Record<string, unknown> = {};
      for (const part of parts) record[part.key] = part.descriptor.lift(context, source);
      return record;
    },
    lower: (context, value, target) => {
      const record = asFields(value, "a record");
      for (const part of parts) part.descriptor.lower(context, record[part.key], target);
    },
  };
}

/** A tuple is an array of its length. */
export function tupleDescriptor(layout: Layout, elements: readonly Descriptor[]): Descriptor {
  const offsets = fieldOffsets(elements.map((element) => element.layout));
  const parts = elements.map((descriptor, i) => ({ descriptor, offset: offsets[i] ?? 0 }));
  const asTuple = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value) || value.length !== parts.length) throw mismatch(`a tuple of ${parts.length}`, value);
    return value;
  };
  return {
    layout,
    load: (context, address) => parts.map((part) => part.descriptor.load(context, address + part.offset)),
    store: (context, value, address) => {
      const tuple = asTuple(value);
      parts.forEach((part, i) => part.descriptor.store(context, tuple[i], address + part.offset));
    },
    lift: (context, source) => parts.map((part) => part.descriptor.lift(context, source)),
    lower: (context, value, target) => {
      const tuple = asTuple(value);
      parts.forEach((part, i) => part.descriptor.lower(context, tuple[i], target));
    },
  };
}

/** Flags are an object of booleans with camelCase names; a missing name is false. */
export function flagsDescriptor(layout: Layout, names: readonly string[]): Descriptor {
  const keys = names.map(camelCase);
  const unpack = (bits: number) => {
    const flags: Record<string, boolean> = {};
    keys.forEach((key, i) => flags[key] = (bits >>> i & 1) === 1);
    return flags;
  };
  const pack = (value: unknown) => {
    const flags = asFields(value, "flags");
    return keys.reduce((bits, key, i) => flags[key] ? bits | 1 << i : bits, 0);
  };
  return {
    layout,
    load: ({ view }, address) =>
      unpack(
        layout.bytes === 1
          ? view.getUint8(address)
          : layout.bytes === 2
          ? view.getUint16(address, true)
          : view.getUint32(address, true),
      ),
    store: ({ view }, value, address) => {
      const bits = pack(value);
      if (layout.bytes === 1) view.setUint8(address, bits);
      else if (layout.bytes === 2) view.setUint16(address, bits, true);
      else view.setUint32(address, bits, true);
    },
    lift: (_, source) => unpack(Number(source.values[source.next++])),
    lower: (_, value, target) => {
      target.push(pack(value));
    },
  };
}
