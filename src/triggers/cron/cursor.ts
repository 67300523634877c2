import { WavsError } from "@/domain/errors.ts";
import { type TimestampNs, timestampNs } from "@/domain/ids.ts";
import type { Cursor } from "../types.ts";

/** How far the clock has been read, and for which triggers. */
export interface CronPosition {
  /** Every occurrence up to and including this instant was handed over. */
  readonly at: TimestampNs;
  /** The triggers this is true of, by `workflowKey`; any other is new and begins when it is first seen. */
  readonly known: readonly string[];
}

export function encodeCursor({ at, known }: CronPosition): Cursor {
  return JSON.stringify({ at: String(at), known }) as Cursor;
}

/** @throws WavsError `cursor_invalid` */
export function decodeCursor(cursor: Cursor): CronPosition {
  try {
    const { at, known } = JSON.parse(cursor) as { at: string; known: string[] };
    if (!Array.isArray(known)) throw new TypeError("known is no list");
    return { at: timestampNs(BigInt(at)), known };
  } catch (cause) {
    throw new WavsError("cursor_invalid", {
      message: `Cannot read the stored position of the clock "${cursor.slice(0, 80)}"`,
      retryable: false,
      cause,
    });
  }
}
