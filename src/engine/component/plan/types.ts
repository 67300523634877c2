import type { PrimitiveName, ResourceOperation, StringEncoding } from "../binary/ast.ts";

/**
 * A component evaluated to the steps that instantiate it: no nesting, no aliases, every reference an index into one of
 * these arrays. Plain data, so that it can be posted to workers.
 */
export interface Plan {
  /** In order: a type refers only to earlier ones. */
  readonly types: readonly ValueType[];
  readonly functionTypes: readonly FunctionType[];
  readonly resources: readonly Resource[];
  /** Core modules to instantiate, in order; the n-th makes core instance n. */
  readonly coreInstances: readonly CoreInstantiation[];
  readonly lowered: readonly LoweredFunction[];
  /** How many component instances there are; each has its own handle table and flags. */
  readonly componentInstances: number;
  readonly exports: readonly RootExport[];
}

/** Index into {@link Plan.types}. */
export type TypeIndex = number;
/** Index into {@link Plan.functionTypes}. */
export type FunctionTypeIndex = number;
/** Index into {@link Plan.resources}. */
export type ResourceIndex = number;
/** Which component instance something belongs to. */
export type ComponentInstanceIndex = number;

export interface ValueType {
  readonly shape: TypeShape;
  readonly layout: Layout;
}

export type TypeShape =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "record"; readonly fields: readonly Field[] }
  | { readonly kind: "variant"; readonly cases: readonly Case[] }
  | { readonly kind: "list"; readonly element: TypeIndex }
  | { readonly kind: "tuple"; readonly elements: readonly TypeIndex[] }
  | { readonly kind: "flags"; readonly names: readonly string[] }
  | { readonly kind: "enum"; readonly names: readonly string[] }
  | { readonly kind: "option"; readonly some: TypeIndex }
  | { readonly kind: "result"; readonly ok: TypeIndex | undefined; readonly err: TypeIndex | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: ResourceIndex };

export interface Field {
  readonly name: string;
  readonly type: TypeIndex;
}

export interface Case {
  readonly name: string;
  readonly type: TypeIndex | undefined;
}

export type FlatType = "i32" | "i64" | "f32" | "f64";

/** How the canonical ABI places a value: in memory, and as core values. */
export interface Layout {
  readonly bytes: number;
  readonly align: number;
  /** Cut after {@link MAX_FLAT} + 1 entries: beyond that a value travels through memory anyway. */
  readonly flat: readonly FlatType[];
  /** Levels of types below this one. */
  readonly depth: number;
  readonly hasBorrow: boolean;
  /** Holds a string or a list, which lie in memory wherever the value itself is. */
  readonly hasPointer: boolean;
}

/** Most core values a function's parameters are passed in; more of them go through memory. */
export const MAX_FLAT = 16;

export interface FunctionType {
  readonly params: readonly Field[];
  readonly result: TypeIndex | undefined;
}

export interface Resource {
  /** `wasi:io/poll/pollable` for a host's resource, whatever its version; `guest` for one the component defines. */
  readonly name: string;
  readonly owner: ResourceOwner;
}

export type ResourceOwner =
  | { readonly kind: "host" }
  | {
    readonly kind: "guest";
    readonly instance: ComponentInstanceIndex;
    readonly destructor: CoreReference | undefined;
  };

/** Something a core module can import or a canonical option can name. */
export type CoreReference =
  | { readonly kind: "export"; readonly instance: number; readonly name: string }
  | { readonly kind: "lowered"; readonly index: number }
  | {
    readonly kind: "resource";
    readonly operation: ResourceOperation;
    readonly resource: ResourceIndex;
    readonly instance: ComponentInstanceIndex;
  };

export interface CoreInstantiation {
  /** Which of the component's core modules. */
  readonly module: number;
  readonly imports: readonly CoreImport[];
}

export type CoreImport =
  | { readonly kind: "one"; readonly module: string; readonly name: string; readonly value: CoreReference }
  | { readonly kind: "all"; readonly module: string; readonly instance: number };

export interface CanonicalOptions {
  readonly encoding: StringEncoding;
  readonly memory: CoreReference | undefined;
  readonly realloc: CoreReference | undefined;
  readonly postReturn: CoreReference | undefined;
}

/** A component function made callable by core code. */
export interface LoweredFunction {
  readonly target: ComponentFunction;
  readonly options: CanonicalOptions;
  readonly instance: ComponentInstanceIndex;
}

export type ComponentFunction = HostFunction | LiftedFunction;

export interface HostFunction {
  readonly kind: "host";
  readonly binding: HostBinding;
  readonly type: FunctionTypeIndex;
}

/** Where a host function is found in the imports object. */
export interface HostBinding {
  /** `wasi:io/poll#[method]pollable.block`: interface without version, then WIT name. */
  readonly id: string;
  readonly interfaceName: string;
  readonly role: "function" | "method" | "static" | "constructor";
  /** PascalCase name of the resource's class; empty for plain functions. */
  readonly className: string;
  /** camelCase name of the function; empty for constructors. */
  readonly key: string;
}

/** A core function made callable by components and the host. */
export interface LiftedFunction {
  readonly kind: "lifted";
  readonly core: CoreReference;
  readonly options: CanonicalOptions;
  readonly type: FunctionTypeIndex;
  readonly instance: ComponentInstanceIndex;
}

export interface RootExport {
  readonly name: string;
  readonly function: LiftedFunction;
}
