import type { TypeSyntax, ValueTypeSyntax } from "../binary/ast.ts";
import { invalidComponent } from "../errors.ts";
import { at, type Scope, type ScopedType } from "./scope.ts";
import type { TypeTable } from "./type_table.ts";
import type { TypeIndex, TypeShape } from "./types.ts";

/** Evaluates a type definition other than a resource, whose identity depends on where it is defined. */
export function defineType(
  syntax: Exclude<TypeSyntax, { kind: "resource" }>,
  scope: Scope,
  table: TypeTable,
): ScopedType {
  switch (syntax.kind) {
    case "instance":
      return { kind: "instance", declarations: syntax.declarations, scope };
    case "component":
      return { kind: "component" };
    case "alias":
      return { kind: "value", index: valueType(syntax.type, scope, table) };
    case "function": {
      const params = syntax.params.map((param) => ({ name: param.name, type: valueType(param.type, scope, table) }));
      const result = syntax.result === undefined ? undefined : valueType(syntax.result, scope, table);
      return { kind: "function", index: table.addFunction({ params, result }) };
    }
    default:
      return { kind: "value", index: table.add(shapeOf(syntax, scope, table)) };
  }
}

type ValueSyntax = Exclude<TypeSyntax, { kind: "resource" | "instance" | "component" | "alias" | "function" }>;

function shapeOf(syntax: ValueSyntax, scope: Scope, table: TypeTable): TypeShape {
  const type = (part: ValueTypeSyntax) => valueType(part, scope, table);
  const optional = (part: ValueTypeSyntax | undefined) => part === undefined ? undefined : type(part);
  switch (syntax.kind) {
    case "record":
      return { kind: "record", fields: syntax.fields.map((field) => ({ name: field.name, type: type(field.type) })) };
    case "variant":
      return { kind: "variant", cases: syntax.cases.map((each) => ({ name: each.name, type: optional(each.type) })) };
    case "list":
      return { kind: "list", element: type(syntax.element) };
    case "tuple":
      return { kind: "tuple", elements: syntax.elements.map(type) };
    case "flags":
    case "enum":
      return syntax;
    case "option":
      return { kind: "option", some: type(syntax.some) };
    case "result":
      return { kind: "result", ok: optional(syntax.ok), err: optional(syntax.err) };
    case "own":
    case "borrow":
      return { kind: syntax.kind, resource: scope.resourceType(syntax.resource) };
  }
}

function valueType(syntax: ValueTypeSyntax, scope: Scope, table: TypeTable): TypeIndex {
  if (syntax.kind === "primitive") return table.primitive(syntax.name);
  const type = at(scope.types, syntax.index, "type");
  if (type.kind !== "value") throw invalidComponent(`type ${syntax.index} is not a value type`);
  return type.index;
}
