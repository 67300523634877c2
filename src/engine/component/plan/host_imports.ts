import type { AliasSyntax, ExternSyntax } from "../binary/ast.ts";
import { invalidComponent, unsupportedComponent } from "../errors.ts";
import type { ImportedFunction } from "../types.ts";
import { defineType } from "./define_type.ts";
import { hostBinding, interfaceTrack } from "./names.ts";
import { at, type InstanceItems, type Item, Scope, type ScopedType } from "./scope.ts";
import type { StepBudget } from "./step_budget.ts";
import type { TypeTable } from "./type_table.ts";
import type { FunctionTypeIndex } from "./types.ts";

/** Turns what the root component imports into items the host stands behind, and lists the functions among them. */
export class HostImporter {
  readonly functions: ImportedFunction[] = [];
  readonly #table: TypeTable;
  readonly #steps: StepBudget;

  constructor(table: TypeTable, steps: StepBudget) {
    this.#table = table;
    this.#steps = steps;
  }

  item(name: string, extern: ExternSyntax, scope: Scope): Item {
    switch (extern.kind) {
      case "type":
        return { kind: "type", value: this.#type({ interfaceName: "", name }, extern.equals, scope) };
      case "function":
        return this.#function({ interfaceName: "", name }, scope.functionType(extern.type));
      case "instance":
        return { kind: "instance", value: this.#instance(name, at(scope.types, extern.type, "type")) };
      case "module":
      case "component":
        throw unsupportedComponent(`an imported ${extern.kind} ("${name}")`);
    }
  }

  #instance(interfaceName: string, type: ScopedType): InstanceItems {
    if (type.kind !== "instance") throw invalidComponent(`the import "${interfaceName}" has no instance type`);
    const scope = new Scope(type.scope);
    const items = new Map<string, Item>();
    for (const declaration of type.declarations) {
      this.#steps.count();
      switch (declaration.kind) {
        case "core type":
          break;
        case "type":
          if (declaration.type.kind === "resource") throw invalidComponent("an instance type defines a resource");
          scope.types.push(defineType(declaration.type, scope, this.#table));
          break;
        case "alias":
          scope.types.push(outerType(declaration.alias, scope));
          break;
        case "export": {
          const item = this.#member({ interfaceName, name: declaration.name }, declaration.extern, scope);
          scope.add(item);
          items.set(declaration.name, item);
          break;
        }
        case "import":
          throw invalidComponent("an instance type has an import");
      }
    }
    return items;
  }

  #member(path: ImportPath, extern: ExternSyntax, scope: Scope): Item {
    switch (extern.kind) {
      case "type":
        return { kind: "type", value: this.#type(path, extern.equals, scope) };
      case "function":
        return this.#function(path, scope.functionType(extern.type));
      default:
        throw unsupportedComponent(`an imported interface that holds a ${extern.kind} ("${path.interfaceName}")`);
    }
  }

  #type(path: ImportPath, equals: number | undefined, scope: Scope): ScopedType {
    if (equals !== undefined) return at(scope.types, equals, "type");
    return { kind: "resource", index: this.#table.hostResource(`${interfaceTrack(path.interfaceName)}/${path.name}`) };
  }

  #function(path: ImportPath, type: FunctionTypeIndex): Item {
    this.functions.push({ ...path, signature: this.#table.signature(type) });
    return { kind: "function", value: { kind: "host", binding: hostBinding(path.interfaceName, path.name), type } };
  }
}

interface ImportPath {
  readonly interfaceName: string;
  readonly name: string;
}

function outerType(alias: AliasSyntax, scope: Scope): ScopedType {
  if (alias.target !== "outer" || alias.sort !== "type") throw unsupportedComponent("this alias in an instance type");
  return at(scope.enclosing(alias.levels).types, alias.index, "type");
}
