import { WavsError } from "@/domain/errors.ts";
import type { Cursor } from "../types.ts";

/** How far the events of a server have been read. */
export interface JetstreamPosition {
  /** Everything up to this server time, in microseconds, was handed over. */
  readonly timeUs: bigint;
  /**
   * From when on a trigger is watched, by `workflowKey`, where that is later than what may be read again: what is older
   * was before its time. Any other is watched from the position on.
   */
  readonly begins: ReadonlyMap<string, bigint>;
}

export function encodeCursor({ timeUs, begins }: JetstreamPosition): Cursor {
  const entries = [...begins].map(([key, us]) => [key, String(us)]);
  return JSON.stringify({ timeUs: String(timeUs), begins: Object.fromEntries(entries) }) as Cursor;
}

/** @throws WavsError `cursor_invalid` */
export function decodeCursor(cursor: Cursor): JetstreamPosition {
  try {
    const { timeUs, begins } = JSON.parse(cursor) as { timeUs: string; begins: Record<string, string> };
    return { timeUs: BigInt(timeUs), begins: new Map(Object.entries(begins).map(([key, us]) => [key, BigInt(us)])) };
  } catch (cause) {
    throw new WavsError("cursor_invalid", {
      message: `Cannot read the stored position of the Jetstream "${cursor.slice(0, 80)}"`,
      retryable: false,
      cause,
    });
  }
}
