import type { PrimitiveName } from "../binary/ast.ts";
import { componentTooLarge, invalidComponent, unsupportedComponent } from "../errors.ts";
import { MAX_SIGNATURE_CHARS, MAX_TYPE_BYTES, MAX_TYPE_DEPTH } from "../limits.ts";
import type { SignatureLayout } from "./canonical_options.ts";
import { layoutOf } from "./layout.ts";
import type {
  FunctionType,
  FunctionTypeIndex,
  Resource,
  ResourceIndex,
  TypeIndex,
  TypeShape,
  ValueType,
} from "./types.ts";
import { MAX_FLAT } from "./types.ts";

/** Labels as WIT allows them: kebab-case, each word all lower or all upper case. */
const LABEL = /^([a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(-([a-z0-9]+|[A-Z0-9]+))*$/;

/** More flags than one core integer holds are refused by every WASI 0.2 tool. */
const MAX_FLAGS = 32;

/** The types of a plan while it is made: every type is laid out, bounded and checked as it is added. */
export class TypeTable {
  readonly types: ValueType[] = [];
  readonly functionTypes: FunctionType[] = [];
  readonly resources: Resource[] = [];
  readonly #primitives = new Map<PrimitiveName, TypeIndex>();
  readonly #hostResources = new Map<string, ResourceIndex>();
  #signatureChars = MAX_SIGNATURE_CHARS;

  primitive(name: PrimitiveName): TypeIndex {
    const known = this.#primitives.get(name);
    if (known !== undefined) return known;
    const index = this.add({ kind: "primitive", name });
    this.#primitives.set(name, index);
    return index;
  }

  add(shape: TypeShape): TypeIndex {
    checkShape(shape);
    const layout = layoutOf(shape, this.types);
    if (layout.depth > MAX_TYPE_DEPTH) throw componentTooLarge("levels in one type", MAX_TYPE_DEPTH);
    if (layout.bytes > MAX_TYPE_BYTES) throw componentTooLarge("bytes in one value", MAX_TYPE_BYTES);
    return this.types.push({ shape, layout }) - 1;
  }

  addFunction(type: FunctionType): FunctionTypeIndex {
    checkLabels(type.params.map((param) => param.name));
    if (type.result !== undefined && this.types[type.result]?.layout.hasBorrow === true) {
      throw invalidComponent("a function returns a borrowed handle");
    }
    return this.functionTypes.push(type) - 1;
  }

  signatureLayout(index: FunctionTypeIndex): SignatureLayout {
    const type = this.functionTypes[index];
    if (type === undefined) throw invalidComponent(`function type ${index} does not exist`);
    const layout = (part: TypeIndex | undefined) => part === undefined ? undefined : this.types[part]?.layout;
    const params = type.params.map((param) => layout(param.type));
    const result = layout(type.result);
    return {
      paramsSpill: params.reduce((count, param) => count + (param?.flat.length ?? 0), 0) > MAX_FLAT,
      paramsHavePointer: params.some((param) => param?.hasPointer === true),
      resultInMemory: (result?.flat.length ?? 0) > 1,
      resultHasPointer: result?.hasPointer === true,
    };
  }

  addGuestResource(resource: Resource): ResourceIndex {
    return this.resources.push(resource) - 1;
  }

  /** Two imports of one interface track share their resources. */
  hostResource(name: string): ResourceIndex {
    const known = this.#hostResources.get(name);
    if (known !== undefined) return known;
    const index = this.resources.push({ name, owner: { kind: "host" } }) - 1;
    this.#hostResources.set(name, index);
    return index;
  }

  /**
   * A function's structural type as text, such as `(level:variant{error,warn},message:string)->_`. Two functions have
   * the same type if and only if their texts are equal: labels cannot hold the punctuation, resources appear by name.
   */
  signature(index: FunctionTypeIndex): string {
    const type = this.functionTypes[index];
    if (type === undefined) throw invalidComponent(`function type ${index} does not exist`);
    const text = new BoundedText(this.#signatureChars);
    text.add("(");
    type.params.forEach((param, i) => {
      text.add(i === 0 ? `${param.name}:` : `,${param.name}:`);
      this.#describe(param.type, text);
    });
    text.add(")->");
    this.#describe(type.result, text);
    this.#signatureChars -= text.length;
    return text.toString();
  }

  #describe(index: TypeIndex | undefined, text: BoundedText): void {
    const shape = index === undefined ? undefined : this.types[index]?.shape;
    if (shape === undefined) return text.add("_");
    switch (shape.kind) {
      case "primitive":
        return text.add(shape.name);
      case "record":
        text.add("record{");
        shape.fields.forEach((field, i) => {
          text.add(i === 0 ? `${field.name}:` : `,${field.name}:`);
          this.#describe(field.type, text);
        });
        return text.add("}");
      case "variant":
        text.add("variant{");
        shape.cases.forEach((each, i) => {
          text.add(i === 0 ? each.name : `,${each.name}`);
          if (each.type !== undefined) this.#describeAll("(", [each.type], ")", text);
        });
        return text.add("}");
      case "flags":
      case "enum":
        return text.add(`${shape.kind}{${shape.names.join()}}`);
      case "list":
        return this.#describeAll("list<", [shape.element], ">", text);
      case "tuple":
        return this.#describeAll("tuple<", shape.elements, ">", text);
      case "option":
        return this.#describeAll("option<", [shape.some], ">", text);
      case "result":
        return this.#describeAll("result<", [shape.ok, shape.err], ">", text);
      case "own":
      case "borrow":
        return text.add(`${shape.kind}<${this.resources[shape.resource]?.name ?? ""}>`);
    }
  }

  #describeAll(open: string, types: readonly (TypeIndex | undefined)[], close: string, text: BoundedText): void {
    types.forEach((type, i) => {
      text.add(i === 0 ? open : ",");
      this.#describe(type, text);
    });
    text.add(close);
  }
}

/** Types may share parts, so their text can be exponentially longer than they are. */
class BoundedText {
  readonly #parts: string[] = [];
  readonly #limit: number;
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(part: string): void {
    this.length += part.length;
    if (this.length > this.#limit) throw componentTooLarge("characters in its signatures", MAX_SIGNATURE_CHARS);
    this.#parts.push(part);
  }

  toString(): string {
    return this.#parts.join("");
  }
}

function checkShape(shape: TypeShape): void {
  switch (shape.kind) {
    case "record":
      requireParts(shape.fields, "record");
      return checkLabels(shape.fields.map((field) => field.name));
    case "variant":
      requireParts(shape.cases, "variant");
      return checkLabels(shape.cases.map((each) => each.name));
    case "tuple":
      return requireParts(shape.elements, "tuple");
    case "enum":
      requireParts(shape.names, "enum");
      return checkLabels(shape.names);
    case "flags":
      requireParts(shape.names, "flags");
      if (shape.names.length > MAX_FLAGS) throw unsupportedComponent(`flags with more than ${MAX_FLAGS} names`);
      return checkLabels(shape.names);
    default:
      return;
  }
}

function requireParts(parts: readonly unknown[], what: string): void {
  if (parts.length === 0) throw invalidComponent(`a ${what} type is empty`);
}

/** Labels of one type differ in more than their case: in JavaScript `a-b` and `A-B` would be one key. */
function checkLabels(labels: readonly string[]): void {
  const seen = new Set<string>();
  for (const label of labels) {
    if (!LABEL.test(label)) throw invalidComponent(`"${label.slice(0, 64)}" is not a valid label`);
    const folded = label.toLowerCase();
    if (seen.has(folded)) throw invalidComponent(`the label "${label.slice(0, 64)}" appears twice in one type`);
    seen.add(folded);
  }
}
