import type { FunctionType, Plan, TypeIndex, TypeShape } from "../plan/types.ts";
import { MAX_FLAT } from "../plan/types.ts";
import { layoutOf } from "../plan/layout.ts";
import { flagsDescriptor, recordDescriptor, tupleDescriptor } from "./aggregates.ts";
import type { Descriptor } from "./descriptor.ts";
import { borrowDescriptor, ownDescriptor } from "./handles.ts";
import { listDescriptor } from "./lists.ts";
import { scalarDescriptor } from "./primitives.ts";
import { stringDescriptor } from "./strings.ts";
import { enumDescriptor, optionDescriptor, resultDescriptor, variantDescriptor } from "./variants.ts";

/** A function type ready to convert values with. */
export interface FunctionDescriptor {
  readonly params: readonly Descriptor[];
  /** All parameters as one tuple in memory, when they are too many for core values. */
  readonly spilledParams: Descriptor | undefined;
  readonly result: Descriptor | undefined;
  /** The result travels through memory because it is more than one core value. */
  readonly resultInMemory: boolean;
  /** The WIT result is a `result`, which host functions spell as return or throw. */
  readonly resultIsResult: boolean;
  readonly lendsParams: boolean;
}

/** The descriptors of all function types of a plan. */
export function buildFunctionDescriptors(plan: Plan): FunctionDescriptor[] {
  const descriptors: Descriptor[] = [];
  for (const index of plan.types.keys()) descriptors.push(buildDescriptor(index, plan, descriptors));
  return plan.functionTypes.map((type) => buildFunction(type, plan, descriptors));
}

function buildFunction(type: FunctionType, plan: Plan, built: readonly Descriptor[]): FunctionDescriptor {
  const params = type.params.map((param) => pick(built, param.type));
  const result = type.result === undefined ? undefined : pick(built, type.result);
  const flatParams = params.reduce((count, param) => count + param.layout.flat.length, 0);
  const elements = type.params.map((param) => param.type);
  return {
    params,
    spilledParams: flatParams <= MAX_FLAT
      ? undefined
      : tupleDescriptor(layoutOf({ kind: "tuple", elements }, plan.types), params),
    result,
    resultInMemory: result !== undefined && result.layout.flat.length > 1,
    resultIsResult: type.result !== undefined && plan.types[type.result]?.shape.kind === "result",
    lendsParams: params.some((param) => param.layout.hasBorrow),
  };
}

function buildDescriptor(index: TypeIndex, plan: Plan, built: readonly Descriptor[]): Descriptor {
  const { shape, layout } = pick(plan.types, index);
  const optional = (part: TypeIndex | undefined) => part === undefined ? undefined : pick(built, part);
  const shapeAt = (part: TypeIndex): TypeShape => pick(plan.types, part).shape;
  switch (shape.kind) {
    case "primitive":
      return shape.name === "string" ? stringDescriptor(layout) : scalarDescriptor(shape.name, layout);
    case "record":
      return recordDescriptor(
        layout,
        shape.fields.map((field) => ({ name: field.name, descriptor: pick(built, field.type) })),
      );
    case "tuple":
      return tupleDescriptor(layout, shape.elements.map((element) => pick(built, element)));
    case "list":
      return listDescriptor(layout, pick(built, shape.element), shapeAt(shape.element));
    case "flags":
      return flagsDescriptor(layout, shape.names);
    case "enum":
      return enumDescriptor(layout, shape.names);
    case "variant":
      return variantDescriptor(
        layout,
        shape.cases.map((each) => ({ name: each.name, payload: optional(each.type) })),
      );
    case "option":
      return optionDescriptor(layout, pick(built, shape.some), shapeAt(shape.some).kind === "option");
    case "result":
      return resultDescriptor(layout, optional(shape.ok), optional(shape.err));
    case "own":
      return ownDescriptor(layout, shape.resource);
    case "borrow":
      return borrowDescriptor(layout, shape.resource);
  }
}

/** Indexes of a plan always exist; this says so to the type checker, and to whoever corrupts a plan. */
function pick<T>(all: readonly T[], index: number): T {
  const found = all[index];
  if (found === undefined) throw new RangeError(`the plan has no entry ${index}`);
  return found;
}
