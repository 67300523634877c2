import { WavsError } from "../errors.ts";
import { isJsonArray, type JsonValue, MAX_U64, MIN_I64 } from "./value.ts";

/**
 * Prints JSON without white space; the inverse of `parseJson`.
 *
 * Members appear in the order the object holds them: encoders decide it. Text is escaped as `JSON.stringify` does
 * (spec/wire.md 0.6) and a float always shows a point or an exponent, so it is read back as a float.
 *
 * @throws WavsError `invalid_value` for what JSON cannot hold: integers beyond 64 bits, NaN and infinities
 */
export function printJson(value: JsonValue): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return printInteger(value);
    case "number":
      return printFloat(value);
    case "string":
      return JSON.stringify(value.toWellFormed());
    case "object":
      return isJsonArray(value) ? printArray(value) : printObject(value);
  }
}

function printArray(items: readonly JsonValue[]): string {
  return `[${items.map(printJson).join(",")}]`;
}

function printObject(members: ReadonlyMap<string, JsonValue>): string {
  const printed = [...members].map(([key, value]) => `${JSON.stringify(key.toWellFormed())}:${printJson(value)}`);
  return `{${printed.join(",")}}`;
}

function printInteger(value: bigint): string {
  if (value < MIN_I64 || value > MAX_U64) throw unprintable(String(value), "it does not fit 64 bits");
  return String(value);
}

/** Powers of ten from which a float is printed with an exponent. */
const FIXED_FROM_EXPONENT = -5;
const FIXED_BELOW_EXPONENT = 16;

/** The shortest digits that read back as the same double, laid out as serde_json does: `1.0`, `1e+16`, `1.5e-7`. */
function printFloat(value: number): string {
  if (!Number.isFinite(value)) throw unprintable(String(value), "it is not finite");
  const [mantissa = "", exponentText = ""] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  const sign = Object.is(value, -0) || value < 0 ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  return sign + layOut(digits, exponent);
}

function layOut(digits: string, exponent: number): string {
  if (exponent < FIXED_FROM_EXPONENT || exponent >= FIXED_BELOW_EXPONENT) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}

function unprintable(value: string, reason: string): WavsError {
  return new WavsError("invalid_value", {
    message: `Cannot print "${value}" as JSON because ${reason}`,
    retryable: false,
    meta: { value },
  });
}
