import type { ComponentSyntax, Declaration, Sort } from "../binary/ast.ts";
import { invalidComponent, unsupportedComponent } from "../errors.ts";
import type { ComponentFunction, CoreReference, FunctionTypeIndex, ResourceIndex, TypeIndex } from "./types.ts";

/** A type as a scope holds it. Instance types stay unevaluated until something is imported with them. */
export type ScopedType =
  | { readonly kind: "value"; readonly index: TypeIndex }
  | { readonly kind: "function"; readonly index: FunctionTypeIndex }
  | { readonly kind: "resource"; readonly index: ResourceIndex }
  | { readonly kind: "instance"; readonly declarations: readonly Declaration[]; readonly scope: Scope }
  | { readonly kind: "component" };

/** A nested component with the scope it was defined in, whose types it may alias. */
export interface ComponentClosure {
  readonly syntax: ComponentSyntax;
  readonly outer: Scope | undefined;
}

export type InstanceItems = ReadonlyMap<string, Item>;

export type Item =
  | { readonly kind: "function"; readonly value: ComponentFunction }
  | { readonly kind: "type"; readonly value: ScopedType }
  | { readonly kind: "instance"; readonly value: InstanceItems }
  | { readonly kind: "component"; readonly value: ComponentClosure }
  | { readonly kind: "core module"; readonly value: number };

/** A core instance: one the plan makes, or names put together from others. */
export type CoreInstanceItem =
  | { readonly kind: "made"; readonly index: number }
  | { readonly kind: "inline"; readonly exports: ReadonlyMap<string, CoreReference> };

/** The index spaces of one component, or of one instance type. */
export class Scope {
  readonly outer: Scope | undefined;
  readonly types: ScopedType[] = [];
  readonly functions: ComponentFunction[] = [];
  readonly instances: InstanceItems[] = [];
  readonly components: ComponentClosure[] = [];
  readonly coreModules: number[] = [];
  readonly coreInstances: CoreInstanceItem[] = [];
  readonly coreFunctions: CoreReference[] = [];
  readonly coreMemories: CoreReference[] = [];
  readonly coreTables: CoreReference[] = [];
  readonly coreGlobals: CoreReference[] = [];

  constructor(outer: Scope | undefined) {
    this.outer = outer;
  }

  /** The scope `levels` components further out; 0 is this one. */
  enclosing(levels: number): Scope {
    if (levels === 0) return this;
    let scope = this.outer;
    for (let level = 1; level < levels && scope !== undefined; level++) scope = scope.outer;
    return scope ?? outOfRange("enclosing component", levels);
  }

  item(sort: Sort, index: number): Item {
    switch (sort) {
      case "function":
        return { kind: "function", value: at(this.functions, index, sort) };
      case "type":
        return { kind: "type", value: at(this.types, index, sort) };
      case "instance":
        return { kind: "instance", value: at(this.instances, index, sort) };
      case "component":
        return { kind: "component", value: at(this.components, index, sort) };
      case "core module":
        return { kind: "core module", value: at(this.coreModules, index, sort) };
      default:
        throw invalidComponent(`a ${sort} cannot be passed between components`);
    }
  }

  add(item: Item): void {
    switch (item.kind) {
      case "function":
        this.functions.push(item.value);
        return;
      case "type":
        this.types.push(item.value);
        return;
      case "instance":
        this.instances.push(item.value);
        return;
      case "component":
        this.components.push(item.value);
        return;
      case "core module":
        this.coreModules.push(item.value);
        return;
    }
  }

  core(sort: Sort): CoreReference[] {
    switch (sort) {
      case "core function":
        return this.coreFunctions;
      case "core memory":
        return this.coreMemories;
      case "core table":
        return this.coreTables;
      case "core global":
        return this.coreGlobals;
      default:
        throw unsupportedComponent(`a ${sort} as a core export`);
    }
  }

  functionType(index: number): FunctionTypeIndex {
    const type = at(this.types, index, "type");
    if (type.kind !== "function") throw invalidComponent(`type ${index} is not a function type`);
    return type.index;
  }

  resourceType(index: number): ResourceIndex {
    const type = at(this.types, index, "type");
    if (type.kind !== "resource") throw invalidComponent(`type ${index} is not a resource type`);
    return type.index;
  }
}

/** An entry of an index space, or `component_invalid`. */
export function at<T>(space: readonly T[], index: number, what: string): T {
  return space[index] ?? outOfRange(what, index);
}

function outOfRange(what: string, index: number): never {
  throw invalidComponent(`${what} ${index} does not exist`);
}
