import { escapeControls } from "@/telemetry/mod.ts";

/** The text of bytes a terminal can show as it is; `undefined` for none, for other bytes and for control characters. */
export function printableText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return escapeControls(text) === text ? text : undefined;
  } catch {
    // Not UTF-8: the hex digits say it all.
    return undefined;
  }
}
