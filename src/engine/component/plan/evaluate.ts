import { isReservedName } from "@/engine/metering/mod.ts";
import type { AliasSyntax, Definition, NamedReference } from "../binary/ast.ts";
import { parseComponent } from "../binary/parser.ts";
import { componentTooLarge, invalidComponent, unsupportedComponent } from "../errors.ts";
import { MAX_COMPONENT_INSTANCES, MAX_CORE_INSTANCES, MAX_NESTING } from "../limits.ts";
import type { ComponentSurface, ExportedFunction } from "../types.ts";
import { liftOptions, lowerOptions } from "./canonical_options.ts";
import { defineType } from "./define_type.ts";
import { HostImporter } from "./host_imports.ts";
import { at, type ComponentClosure, type InstanceItems, type Item, Scope } from "./scope.ts";
import { StepBudget } from "./step_budget.ts";
import { TypeTable } from "./type_table.ts";
import type {
  ComponentInstanceIndex,
  CoreImport,
  CoreInstantiation,
  LoweredFunction,
  Plan,
  RootExport,
} from "./types.ts";

export interface PlannedComponent {
  readonly plan: Plan;
  readonly surface: ComponentSurface;
  /** The component's core modules, unmetered, as slices of its bytes. */
  readonly coreModules: readonly Uint8Array[];
}

/**
 * Evaluates a component's bytes to a flat plan.
 *
 * @throws WavsError `component_invalid`, `component_unsupported`, `component_too_large`
 */
export function planComponent(bytes: Uint8Array): PlannedComponent {
  return new Evaluator().evaluateRoot({ syntax: parseComponent(bytes), outer: undefined });
}

class Evaluator {
  readonly #table = new TypeTable();
  readonly #steps = new StepBudget();
  readonly #imports = new HostImporter(this.#table, this.#steps);
  readonly #coreModules: Uint8Array[] = [];
  readonly #coreInstances: CoreInstantiation[] = [];
  readonly #lowered: LoweredFunction[] = [];
  #componentInstances = 0;

  evaluateRoot(root: ComponentClosure): PlannedComponent {
    const items = this.#instantiate(root, undefined, 0);
    const exports: RootExport[] = [];
    const exported: ExportedFunction[] = [];
    for (const [name, item] of items) {
      if (item.kind !== "function" || item.value.kind !== "lifted") continue;
      exports.push({ name, function: item.value });
      exported.push({ name, signature: this.#table.signature(item.value.type) });
    }
    return {
      plan: {
        types: this.#table.types,
        functionTypes: this.#table.functionTypes,
        resources: this.#table.resources,
        coreInstances: this.#coreInstances,
        lowered: this.#lowered,
        componentInstances: this.#componentInstances,
        exports,
      },
      surface: { imports: this.#imports.functions, exports: exported },
      coreModules: this.#coreModules,
    };
  }

  /** Evaluates a component; without `args` it is the root and the host provides what it imports. */
  #instantiate(component: ComponentClosure, args: InstanceItems | undefined, depth: number): InstanceItems {
    if (depth > MAX_NESTING) throw componentTooLarge("levels of nested instances", MAX_NESTING);
    if (this.#componentInstances >= MAX_COMPONENT_INSTANCES) {
      throw componentTooLarge("component instances", MAX_COMPONENT_INSTANCES);
    }
    const frame: Frame = {
      scope: new Scope(component.outer),
      instance: this.#componentInstances++,
      args,
      exports: new Map(),
      depth,
    };
    for (const definition of component.syntax.definitions) {
      this.#steps.count();
      this.#define(definition, frame);
    }
    return frame.exports;
  }

  #define(definition: Definition, frame: Frame): void {
    const { scope } = frame;
    switch (definition.kind) {
      case "core type":
        return;
      case "core module":
        scope.coreModules.push(this.#coreModules.push(definition.bytes) - 1);
        return;
      case "core instance":
        return this.#coreInstance(definition, scope);
      case "core exports": {
        const exports = definition.exports.map((each) =>
          [each.name, at(scope.core(each.sort), each.index, each.sort)] as const
        );
        scope.coreInstances.push({ kind: "inline", exports: new Map(exports) });
        return;
      }
      case "component":
        scope.components.push({ syntax: definition.component, outer: scope });
        return;
      case "instance": {
        const component = at(scope.components, definition.component, "component");
        scope.instances.push(this.#instantiate(component, this.#collect(definition.args, scope), frame.depth + 1));
        return;
      }
      case "exports":
        scope.instances.push(this.#collect(definition.exports, scope));
        return;
      case "alias":
        return this.#alias(definition.alias, scope);
      case "type":
        return this.#defineType(definition.type, frame);
      case "import":
        return this.#import(definition, frame);
      case "export": {
        const item = scope.item(definition.sort, definition.index);
        if (frame.exports.has(definition.name)) {
          throw invalidComponent(`the export "${definition.name.slice(0, 64)}" is there twice`);
        }
        frame.exports.set(definition.name, item);
        scope.add(item);
        return;
      }
      case "lift":
      case "lower":
      case "resource":
        return this.#canonical(definition, frame);
    }
  }

  #collect(references: readonly NamedReference[], scope: Scope): InstanceItems {
    const items = new Map<string, Item>();
    for (const { name, sort, index } of references) {
      this.#steps.count();
      if (items.has(name)) throw invalidComponent(`the name "${name.slice(0, 64)}" is given twice`);
      items.set(name, scope.item(sort, index));
    }
    return items;
  }

  #import(definition: Extract<Definition, { kind: "import" }>, frame: Frame): void {
    const { scope, args } = frame;
    if (args === undefined) return scope.add(this.#imports.item(definition.name, definition.extern, scope));
    const given = args.get(definition.name);
    if (given !== undefined) return scope.add(given);
    if (definition.extern.kind !== "type" || definition.extern.equals === undefined) {
      throw invalidComponent(`a nested component is not given its import "${definition.name}"`);
    }
    scope.types.push(at(scope.types, definition.extern.equals, "type"));
  }

  #defineType(syntax: Extract<Definition, { kind: "type" }>["type"], frame: Frame): void {
    const { scope, instance } = frame;
    if (syntax.kind !== "resource") {
      scope.types.push(defineType(syntax, scope, this.#table));
      return;
    }
    const destructor = syntax.destructor === undefined
      ? undefined
      : at(scope.coreFunctions, syntax.destructor, "core function");
    const index = this.#table.addGuestResource({ name: "guest", owner: { kind: "guest", instance, destructor } });
    scope.types.push({ kind: "resource", index });
  }

  #coreInstance(definition: Extract<Definition, { kind: "core instance" }>, scope: Scope): void {
    const imports: CoreImport[] = [];
    for (const arg of definition.args) {
      const from = at(scope.coreInstances, arg.index, "core instance");
      if (from.kind === "made") {
        imports.push({ kind: "all", module: arg.name, instance: from.index });
        continue;
      }
      for (const [name, value] of from.exports) {
        this.#steps.count();
        imports.push({ kind: "one", module: arg.name, name, value });
      }
    }
    if (this.#coreInstances.length >= MAX_CORE_INSTANCES) throw componentTooLarge("core instances", MAX_CORE_INSTANCES);
    const module = at(scope.coreModules, definition.module, "core module");
    const index = this.#coreInstances.push({ module, imports }) - 1;
    scope.coreInstances.push({ kind: "made", index });
  }

  #alias(alias: AliasSyntax, scope: Scope): void {
    switch (alias.target) {
      case "export": {
        const item = at(scope.instances, alias.instance, "instance").get(alias.name);
        if (item === undefined) throw invalidComponent(`an alias names the missing export "${alias.name}"`);
        if (item.kind !== alias.sort) throw invalidComponent(`"${alias.name}" is aliased as the wrong sort`);
        return scope.add(item);
      }
      case "core export": {
        if (isReservedName(alias.name)) throw unsupportedComponent(`the reserved name "${alias.name.slice(0, 64)}"`);
        const from = at(scope.coreInstances, alias.instance, "core instance");
        const value = from.kind === "made"
          ? { kind: "export", instance: from.index, name: alias.name } as const
          : from.exports.get(alias.name);
        if (value === undefined) throw invalidComponent(`an alias names the missing core export "${alias.name}"`);
        scope.core(alias.sort).push(value);
        return;
      }
      case "outer":
        if (alias.sort === "core type") return;
        return scope.add(scope.enclosing(alias.levels).item(alias.sort, alias.index));
    }
  }

  #canonical(definition: Extract<Definition, { kind: "lift" | "lower" | "resource" }>, frame: Frame): void {
    const { scope, instance } = frame;
    switch (definition.kind) {
      case "lift": {
        const type = scope.functionType(definition.type);
        scope.functions.push({
          kind: "lifted",
          core: at(scope.coreFunctions, definition.core, "core function"),
          options: liftOptions(definition.options, scope, this.#table.signatureLayout(type)),
          type,
          instance,
        });
        return;
      }
      case "lower": {
        const target = at(scope.functions, definition.function, "function");
        const options = lowerOptions(definition.options, scope, this.#table.signatureLayout(target.type));
        const index = this.#lowered.push({ target, options, instance }) - 1;
        scope.coreFunctions.push({ kind: "lowered", index });
        return;
      }
      case "resource": {
        const resource = scope.resourceType(definition.resource);
        const owner = at(this.#table.resources, resource, "resource").owner;
        if (definition.operation !== "drop" && (owner.kind === "host" || owner.instance !== instance)) {
          throw invalidComponent(`resource.${definition.operation} is used on a resource of somebody else`);
        }
        scope.coreFunctions.push({ kind: "resource", operation: definition.operation, resource, instance });
        return;
      }
    }
  }
}

/** What is at hand while one component is evaluated. */
interface Frame {
  readonly scope: Scope;
  readonly instance: ComponentInstanceIndex;
  readonly args: InstanceItems | undefined;
  readonly exports: Map<string, Item>;
  readonly depth: number;
}
