import { camelCase } from "@/engine/component/plan/names.ts";
import type { WitType } from "@/engine/component/testing/wit_types.ts";
import type { Expression, ListExpression } from "./expressions.ts";

/** A value as scripts write it, such as `(list.const (u8.const 1))`, in the runtime's shape for its type. */
export function valueOf(expression: Expression | undefined, type: WitType | undefined): unknown {
  if (expression === undefined || type === undefined) return undefined;
  const { word, parts } = opened(expression);
  switch (type.kind) {
    case "primitive":
      return primitiveOf(type.name, textOf(parts[0]));
    case "list": {
      const values = parts.map((part) => valueOf(part, type.of));
      const array = type.of.kind === "primitive" ? ARRAYS[type.of.name] : undefined;
      return array === undefined ? values : array(values);
    }
    case "tuple":
      return type.of.map((of, i) => valueOf(parts[i], of));
    case "record":
      return Object.fromEntries(parts.map((part, i) => {
        const { items: [, name, ...value], start, end } = listOf(part);
        return [camelCase(textOf(name)), valueOf({ kind: "list", items: value, start, end }, type.fields[i]?.type)];
      }));
    case "variant": {
      const tag = textOf(parts[0]);
      const found = type.cases.find((each) => each.name === tag)?.type;
      return found === undefined ? { tag } : { tag, val: valueOf(parts[1], found) };
    }
    case "flags": {
      const set = parts.map(textOf);
      return Object.fromEntries(type.names.map((name) => [camelCase(name), set.includes(name)]));
    }
    case "enum":
      return textOf(parts[0]);
    case "option":
      if (type.of.kind === "option") throw new TypeError("options of options are not written yet");
      return word === "option.none" ? undefined : valueOf(parts[0], type.of);
    case "result":
      return word === "result.ok"
        ? { tag: "ok", val: valueOf(parts[0], type.ok) }
        : { tag: "err", val: valueOf(parts[0], type.err) };
    case "own":
    case "borrow":
      throw new TypeError("scripts cannot write handles");
  }
}

function opened(expression: Expression): { readonly word: string; readonly parts: readonly Expression[] } {
  const [word, ...parts] = listOf(expression).items;
  return { word: textOf(word), parts };
}

export function listOf(expression: Expression | undefined): ListExpression {
  if (expression?.kind !== "list") throw new SyntaxError("a list was expected");
  return expression;
}

/** What a word or a string says. */
export function textOf(expression: Expression | undefined): string {
  if (expression === undefined || expression.kind === "list") throw new SyntaxError("a word was expected");
  return expression.text;
}

function primitiveOf(name: string, text: string): unknown {
  switch (name) {
    case "bool":
      return text === "true";
    case "char":
    case "string":
      return text;
    case "u64":
      return BigInt.asUintN(64, integerOf(text));
    case "s64":
      return BigInt.asIntN(64, integerOf(text));
    case "f32":
    case "f64":
      return floatOf(text);
    default:
      return Number(integerOf(text));
  }
}

function integerOf(text: string): bigint {
  const digits = text.replaceAll("_", "");
  return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits.replace("+", ""));
}

function floatOf(text: string): number {
  if (/nan/.test(text)) return Number.NaN;
  if (/inf/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return Number(text.replaceAll("_", ""));
}

const ARRAYS: Readonly<Record<string, (values: readonly unknown[]) => unknown>> = {
  u8: (values) => Uint8Array.from(values as number[]),
  s8: (values) => Int8Array.from(values as number[]),
  u16: (values) => Uint16Array.from(values as number[]),
  s16: (values) => Int16Array.from(values as number[]),
  u32: (values) => Uint32Array.from(values as number[]),
  s32: (values) => Int32Array.from(values as number[]),
  u64: (values) => BigUint64Array.from(values as bigint[]),
  s64: (values) => BigInt64Array.from(values as bigint[]),
  f32: (values) => Float32Array.from(values as number[]),
  f64: (values) => Float64Array.from(values as number[]),
};
