import { type JsonValue, parseJson } from "@/domain/mod.ts";

/**
 * Reads the value of an environment variable or flag (spec/wire.md 6.4): `true`/`false`, digits, a decimal with a
 * point, a quoted string, `[a, b]`, `{k=v}`, anything else as it stands.
 */
export function parseEnvValue(text: string): JsonValue {
  const value = text.trim();
  if (value === "true" || value === "false") return value === "true";
  if (/^-?\d+$/.test(value)) return integer(value);
  if (/^-?\d*\.\d+$/.test(value)) return Number(value);
  if (/^".*"$/s.test(value)) return quoted(value);
  if (/^\[.*\]$/s.test(value)) return splitItems(value.slice(1, -1)).map(parseEnvValue);
  if (/^\{.*\}$/s.test(value)) {
    return new Map(
      splitItems(value.slice(1, -1)).map((item) => {
        const [key = "", ...rest] = item.split("=");
        return [key.trim(), parseEnvValue(rest.join("="))];
      }),
    );
  }
  return value;
}

/** A list key also takes a comma-separated string. */
export function parseEnvList(text: string): JsonValue {
  const value = parseEnvValue(text);
  if (Array.isArray(value)) return value;
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

function integer(value: string): JsonValue {
  // What fits no 64-bit integer is left for the decoder to refuse as what it is.
  const parsed = BigInt(value);
  return parsed >= -(2n ** 63n) && parsed < 2n ** 64n ? parsed : value;
}

function quoted(value: string): JsonValue {
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}

/** Splits at commas that stand in no brackets, braces or quotes. */
function splitItems(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === "[" || character === "{") depth++;
    if (character === "]" || character === "}") depth--;
    if (character === "," && depth === 0) {
      items.push(text.slice(start, index));
      start = index + 1;
    }
  }
  items.push(text.slice(start));
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
