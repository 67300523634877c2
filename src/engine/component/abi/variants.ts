import { Trap } from "../errors.ts";
import { discriminantBytes, payloadOffset } from "../plan/layout.ts";
import type { FlatType, Layout } from "../plan/types.ts";
import { asFields, type CoreValue, type Descriptor, mismatch } from "./descriptor.ts";
import { narrow, widen } from "./flat_join.ts";

export interface CaseDescriptor {
  readonly name: string;
  readonly payload: Descriptor | undefined;
}

/** How a kind of variant looks in JavaScript. */
interface Spelling {
  spell(index: number, payload: unknown): unknown;
  parse(value: unknown): { readonly index: number; readonly payload: unknown };
}

/** `{ tag, val }`, without `val` where the case has no payload. */
export function variantDescriptor(layout: Layout, cases: readonly CaseDescriptor[]): Descriptor {
  const indexes = new Map(cases.map((each, i) => [each.name, i]));
  return choiceDescriptor(layout, cases.map((each) => each.payload), {
    spell: (index, payload) => {
      const { name: tag, payload: type } = caseAt(cases, index);
      return type === undefined ? { tag } : { tag, val: payload };
    },
    parse: (value) => {
      const { tag, val } = asFields(value, "a variant");
      const index = typeof tag === "string" ? indexes.get(tag) : undefined;
      if (index === undefined) throw mismatch(`a variant tagged ${listed(indexes)}`, tag);
      return { index, payload: val };
    },
  });
}

/** The name of the case. */
export function enumDescriptor(layout: Layout, names: readonly string[]): Descriptor {
  const indexes = new Map(names.map((name, i) => [name, i]));
  return choiceDescriptor(layout, names.map(() => undefined), {
    spell: (index) => caseAt(names, index),
    parse: (value) => {
      const index = typeof value === "string" ? indexes.get(value) : undefined;
      if (index === undefined) throw mismatch(`one of ${listed(indexes)}`, value);
      return { index, payload: undefined };
    },
  });
}

/** The value, or undefined; options of options are `{ tag: "some" | "none", val }` outside the innermost. */
export function optionDescriptor(layout: Layout, some: Descriptor, nested: boolean): Descriptor {
  if (nested) {
    return variantDescriptor(layout, [{ name: "none", payload: undefined }, { name: "some", payload: some }]);
  }
  return choiceDescriptor(layout, [undefined, some], {
    spell: (_, payload) => payload,
    parse: (value) => ({ index: value === undefined || value === null ? 0 : 1, payload: value }),
  });
}

/** `{ tag: "ok" | "err", val }`. */
export function resultDescriptor(layout: Layout, ok: Descriptor | undefined, err: Descriptor | undefined): Descriptor {
  return choiceDescriptor(layout, [ok, err], {
    spell: (index, payload) => ({ tag: index === 0 ? "ok" : "err", val: payload }),
    parse: (value) => {
      const { tag, val } = asFields(value, "a result");
      if (tag !== "ok" && tag !== "err") throw mismatch(`a result tagged "ok" or "err"`, tag);
      return { index: tag === "ok" ? 0 : 1, payload: val };
    },
  });
}

function choiceDescriptor(layout: Layout, cases: readonly (Descriptor | undefined)[], spelling: Spelling): Descriptor {
  const width = discriminantBytes(cases.length);
  const offset = payloadOffset(cases.map((each) => each?.layout));
  const checked = (index: number) => {
    if (index >= cases.length) throw new Trap(`invalid discriminant ${index} of a variant`);
    return index;
  };
  const payloadFlat = layout.flat.slice(1);
  return {
    layout,
    load: (context, address) => {
      const index = checked(readUint(context.view, address, width));
      return spelling.spell(index, cases[index]?.load(context, address + offset));
    },
    store: (context, value, address) => {
      const { index, payload } = spelling.parse(value);
      writeUint(context.view, address, width, index);
      cases[index]?.store(context, payload, address + offset);
    },
    lift: (context, source) => {
      const index = checked(Number(source.values[source.next++]) >>> 0);
      const first = source.next;
      source.next += payloadFlat.length;
      const type = cases[index];
      if (type === undefined) return spelling.spell(index, undefined);
      const values = type.layout.flat.map((flat, i) => narrow(source.values[first + i], payloadFlat[i] ?? flat, flat));
      return spelling.spell(index, type.lift(context, { values, next: 0 }));
    },
    lower: (context, value, target) => {
      const { index, payload } = spelling.parse(value);
      target.push(index);
      const values: CoreValue[] = [];
      const type = cases[index];
      type?.lower(context, payload, values);
      payloadFlat.forEach((joined, i) => target.push(widenOrZero(values[i], type?.layout.flat[i], joined)));
    },
  };
}

function widenOrZero(value: CoreValue | undefined, from: FlatType | undefined, to: FlatType): CoreValue {
  if (value === undefined || from === undefined) return to === "i64" ? 0n : 0;
  return widen(value, from, to);
}

function readUint(view: DataView, address: number, width: 1 | 2 | 4): number {
  if (width === 1) return view.getUint8(address);
  return width === 2 ? view.getUint16(address, true) : view.getUint32(address, true);
}

function writeUint(view: DataView, address: number, width: 1 | 2 | 4, value: number): void {
  if (width === 1) view.setUint8(address, value);
  else if (width === 2) view.setUint16(address, value, true);
  else view.setUint32(address, value, true);
}

function caseAt<T>(cases: readonly T[], index: number): T {
  const found = cases[index];
  if (found === undefined) throw new Trap(`invalid discriminant ${index} of a variant`);
  return found;
}

function listed(names: ReadonlyMap<string, number>): string {
  return [...names.keys()].slice(0, 16).map((name) => `"${name}"`).join(", ");
}
