/** What a component must answer to what, as data. Values have the shapes of the component runtime. */
import { encodeText, fromHex } from "./bytes.ts";

export interface ComponentVector {
  readonly name: string;
  readonly component: string;
  /** WIT name of the export. */
  readonly exportName: "run" | "process-input" | "handle-timer-callback" | "handle-submit-callback";
  /** The WIT `trigger-data` at the bottom of the input. */
  readonly data: WitVariant;
  /** The second argument of `handle-submit-callback`. */
  readonly txResult?: WitVariant;
  readonly config?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly managerKind?: "evm" | "cosmos";
  readonly eventId?: Uint8Array;
  readonly expected: ExpectedAnswer;
}

export interface WitVariant {
  readonly tag: string;
  readonly val?: unknown;
}

export type ExpectedAnswer =
  | { readonly kind: "responses"; readonly responses: readonly ExpectedResponse[] }
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "trap" };

export interface ExpectedResponse {
  /** Hex digits. */
  readonly payload: string;
  /** Hex digits; absent salt and empty salt differ. */
  readonly salt?: string;
}

export function raw(text: string): WitVariant {
  return { tag: "raw", val: encodeText(text) };
}

export function rawBytes(hex: string): WitVariant {
  return { tag: "raw", val: fromHex(hex) };
}

export function payload(hex: string, salt?: string): ExpectedAnswer {
  return { kind: "responses", responses: [salt === undefined ? { payload: hex } : { payload: hex, salt }] };
}

export function error(text: string): ExpectedAnswer {
  return { kind: "error", text };
}

export function value(answer: unknown): ExpectedAnswer {
  return { kind: "value", value: answer };
}

/** `DWI(id, data)` of spec/engine.md 6.2, written out as hex words. */
export function dataWithId(triggerId: number, dataHex: string): string {
  const word = (number: number) => number.toString(16).padStart(64, "0");
  const padded = dataHex.padEnd(Math.ceil(dataHex.length / 64) * 64, "0");
  return word(0x20) + word(triggerId) + word(0x40) + word(dataHex.length / 2) + padded;
}

export function toHexText(text: string): string {
  return Array.from(encodeText(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
