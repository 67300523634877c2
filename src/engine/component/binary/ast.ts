/** A component binary as written: index spaces are not resolved yet. */
export interface ComponentSyntax {
  readonly definitions: readonly Definition[];
}

export const PRIMITIVES = [
  "bool",
  "s8",
  "u8",
  "s16",
  "u16",
  "s32",
  "u32",
  "s64",
  "u64",
  "f32",
  "f64",
  "char",
  "string",
] as const;

export type PrimitiveName = (typeof PRIMITIVES)[number];

/** A value type: a primitive, or an index into the types of the enclosing scope. */
export type ValueTypeSyntax =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "index"; readonly index: number };

export interface LabelledType {
  readonly name: string;
  readonly type: ValueTypeSyntax;
}

export interface CaseSyntax {
  readonly name: string;
  readonly type: ValueTypeSyntax | undefined;
}

export type TypeSyntax =
  | { readonly kind: "alias"; readonly type: ValueTypeSyntax }
  | { readonly kind: "record"; readonly fields: readonly LabelledType[] }
  | { readonly kind: "variant"; readonly cases: readonly CaseSyntax[] }
  | { readonly kind: "list"; readonly element: ValueTypeSyntax }
  | { readonly kind: "tuple"; readonly elements: readonly ValueTypeSyntax[] }
  | { readonly kind: "flags"; readonly names: readonly string[] }
  | { readonly kind: "enum"; readonly names: readonly string[] }
  | { readonly kind: "option"; readonly some: ValueTypeSyntax }
  | { readonly kind: "result"; readonly ok: ValueTypeSyntax | undefined; readonly err: ValueTypeSyntax | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: number }
  | {
    readonly kind: "function";
    readonly params: readonly LabelledType[];
    readonly result: ValueTypeSyntax | undefined;
  }
  | { readonly kind: "component" | "instance"; readonly declarations: readonly Declaration[] }
  | { readonly kind: "resource"; readonly destructor: number | undefined };

export type CoreSort =
  | "core function"
  | "core table"
  | "core memory"
  | "core global"
  | "core type"
  | "core module"
  | "core instance";

export type Sort = CoreSort | "function" | "type" | "component" | "instance";

export type ExternSyntax =
  | { readonly kind: "module" | "function" | "component" | "instance"; readonly type: number }
  /** `equals` is the index of the same type, or undefined for a fresh resource. */
  | { readonly kind: "type"; readonly equals: number | undefined };

export type AliasSyntax =
  | { readonly target: "export" | "core export"; readonly sort: Sort; readonly instance: number; readonly name: string }
  | { readonly target: "outer"; readonly sort: Sort; readonly levels: number; readonly index: number };

export type Declaration =
  | { readonly kind: "core type" }
  | { readonly kind: "type"; readonly type: TypeSyntax }
  | { readonly kind: "alias"; readonly alias: AliasSyntax }
  | { readonly kind: "import" | "export"; readonly name: string; readonly extern: ExternSyntax };

export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

export interface CanonicalOptionsSyntax {
  readonly encoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
}

/** A named reference into an index space: an instantiation argument or an inline export. */
export interface NamedReference {
  readonly name: string;
  readonly sort: Sort;
  readonly index: number;
}

export type Definition =
  | { readonly kind: "core module"; readonly bytes: Uint8Array }
  | { readonly kind: "core instance"; readonly module: number; readonly args: readonly NamedReference[] }
  | { readonly kind: "core exports"; readonly exports: readonly NamedReference[] }
  | { readonly kind: "core type" }
  | { readonly kind: "component"; readonly component: ComponentSyntax }
  | { readonly kind: "instance"; readonly component: number; readonly args: readonly NamedReference[] }
  | { readonly kind: "exports"; readonly exports: readonly NamedReference[] }
  | { readonly kind: "alias"; readonly alias: AliasSyntax }
  | { readonly kind: "type"; readonly type: TypeSyntax }
  | {
    readonly kind: "lift";
    readonly core: number;
    readonly options: CanonicalOptionsSyntax;
    readonly type: number;
  }
  | { readonly kind: "lower"; readonly function: number; readonly options: CanonicalOptionsSyntax }
  | { readonly kind: "resource"; readonly operation: ResourceOperation; readonly resource: number }
  | { readonly kind: "import"; readonly name: string; readonly extern: ExternSyntax }
  | { readonly kind: "export"; readonly name: string; readonly sort: Sort; readonly index: number };

export type ResourceOperation = "new" | "drop" | "rep";
