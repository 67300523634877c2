import fc from "fast-check";
import { type PrimitiveName, PRIMITIVES } from "../binary/ast.ts";
import { TypeTable } from "../plan/type_table.ts";
import type { FlatType, Layout, TypeIndex } from "../plan/types.ts";

/** A WIT type to test with. */
export type WitType =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "list" | "option"; readonly of: WitType }
  | { readonly kind: "tuple"; readonly of: readonly WitType[] }
  | { readonly kind: "result"; readonly ok: WitType | undefined; readonly err: WitType | undefined }
  | { readonly kind: "record"; readonly fields: readonly WitField[] }
  | { readonly kind: "variant"; readonly cases: readonly WitCase[] }
  | { readonly kind: "flags" | "enum"; readonly names: readonly string[] }
  /** A handle of the host's resource `thing`, the only one there is. */
  | { readonly kind: "own" | "borrow" };

export interface WitField {
  readonly name: string;
  readonly type: WitType;
}

export interface WitCase {
  readonly name: string;
  readonly type: WitType | undefined;
}

/** Any type, a few levels deep; handles in it are owned. */
export function witTypes(): fc.Arbitrary<WitType> {
  const named = (size: number) => Array.from({ length: size }, (_, i) => `field-${i}`);
  const { type } = fc.letrec<{ type: WitType }>((tie) => {
    const inner = tie("type");
    const maybe = fc.option(inner, { nil: undefined });
    return {
      type: fc.oneof(
        { maxDepth: 3 },
        fc.record({ kind: fc.constant("primitive" as const), name: fc.constantFrom(...PRIMITIVES) }),
        fc.constant({ kind: "own" as const }),
        fc.record({ kind: fc.constantFrom("list" as const, "option" as const), of: inner }),
        fc.record({ kind: fc.constant("tuple" as const), of: fc.array(inner, { minLength: 1, maxLength: 4 }) }),
        fc.record({ kind: fc.constant("result" as const), ok: maybe, err: maybe }),
        fc.record({
          kind: fc.constant("record" as const),
          fields: fc.array(inner, { minLength: 1, maxLength: 5 })
            .map((types) => types.map((type, i) => ({ name: `field-${i}`, type }))),
        }),
        fc.record({
          kind: fc.constant("variant" as const),
          cases: fc.array(maybe, { minLength: 1, maxLength: 5 })
            .map((types) => types.map((type, i) => ({ name: `case-${i}`, type }))),
        }),
        fc.record({
          kind: fc.constant("flags" as const),
          names: fc.constantFrom(1, 8, 9, 16, 17, 32).map(named),
        }),
        fc.record({ kind: fc.constant("enum" as const), names: fc.constantFrom(1, 2, 256, 257).map(named) }),
      ),
    };
  });
  return type;
}

/** The type's expression in WIT; declarations it needs are added to `declarations` by names of their own. */
export function witText(type: WitType, declarations: Map<string, string>): string {
  const text = (part: WitType) => witText(part, declarations);
  const declare = (keyword: string, lines: readonly string[]) => {
    const name = `t${declarations.size}`;
    declarations.set(name, `${keyword} ${name} { ${lines.join(", ")} }`);
    return name;
  };
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "own":
      return "thing";
    case "borrow":
      return "borrow<thing>";
    case "list":
    case "option":
      return `${type.kind}<${text(type.of)}>`;
    case "tuple":
      return `tuple<${type.of.map(text).join(", ")}>`;
    case "result": {
      if (type.ok === undefined && type.err === undefined) return "result";
      const ok = type.ok === undefined ? "_" : text(type.ok);
      return type.err === undefined ? `result<${ok}>` : `result<${ok}, ${text(type.err)}>`;
    }
    case "record":
      return declare("record", type.fields.map((field) => `%${field.name}: ${text(field.type)}`));
    case "variant": {
      const cases = type.cases.map((each) => each.type === undefined ? each.name : `${each.name}(${text(each.type)})`);
      return declare("variant", cases.map((each) => `%${each}`));
    }
    case "flags":
    case "enum":
      return declare(type.kind, type.names.map((name) => `%${name}`));
  }
}

/** The core values parameters of these types are passed in; more than 16 become one pointer. */
export function flatParams(...types: readonly WitType[]): readonly FlatType[] {
  const flat = types.flatMap((type) => layoutOfType(type).flat);
  return flat.length > 16 ? ["i32"] : flat;
}

/** How a value of a type lies in memory. */
export function layoutOfType(type: WitType): Layout {
  const table = new TypeTable();
  const found = table.types[addType(type, table)];
  if (found === undefined) throw new TypeError("the type is not in its table");
  return found.layout;
}

function addType(type: WitType, table: TypeTable): TypeIndex {
  const add = (part: WitType) => addType(part, table);
  const maybe = (part: WitType | undefined) => part === undefined ? undefined : add(part);
  switch (type.kind) {
    case "primitive":
      return table.primitive(type.name);
    case "own":
    case "borrow":
      return table.add({ kind: type.kind, resource: table.hostResource("thing") });
    case "list":
      return table.add({ kind: "list", element: add(type.of) });
    case "option":
      return table.add({ kind: "option", some: add(type.of) });
    case "tuple":
      return table.add({ kind: "tuple", elements: type.of.map(add) });
    case "result":
      return table.add({ kind: "result", ok: maybe(type.ok), err: maybe(type.err) });
    case "record":
      return table.add({ kind: "record", fields: type.fields.map((each) => ({ ...each, type: add(each.type) })) });
    case "variant":
      return table.add({ kind: "variant", cases: type.cases.map((each) => ({ ...each, type: maybe(each.type) })) });
    case "flags":
    case "enum":
      return table.add({ kind: type.kind, names: type.names });
  }
}
