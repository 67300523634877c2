import { WavsError } from "@/domain/errors.ts";
import type { Cursor } from "../types.ts";

/**
 * How far a feed was handed over: the index each workflow gets next, by {@link followerKey}.
 *
 * It is kept per workflow, not per feed, so that what a workflow sees depends on nothing but the feed: whoever joins
 * gets all of it from the first block on, whether this node follows the feed already or not. Otherwise operators would
 * execute different blocks for the same service, and those would never reach quorum.
 */
export type FeedPosition = ReadonlyMap<string, number>;

export function encodePosition(position: FeedPosition): Cursor {
  return JSON.stringify({ next: Object.fromEntries(position) }) as Cursor;
}

/** @throws WavsError `cursor_invalid` */
export function decodePosition(cursor: Cursor): FeedPosition {
  try {
    const { next } = JSON.parse(cursor) as { next: Record<string, unknown> };
    return new Map(
      Object.entries(next).map(([key, index]) => {
        if (typeof index !== "number" || !Number.isSafeInteger(index) || index < 0) {
          throw new TypeError(`"${key}" has no index`);
        }
        return [key, index];
      }),
    );
  } catch (cause) {
    throw new WavsError("cursor_invalid", {
      message: `Cannot read the stored position of a feed "${cursor.slice(0, 80)}"`,
      retryable: false,
      cause,
    });
  }
}

/** The position for these followers: those that are known go on, those that are new begin at the start. */
export function positionFor(keys: Iterable<string>, known: FeedPosition): FeedPosition {
  return new Map([...keys].map((key) => [key, known.get(key) ?? 0]));
}

/** The first block that somebody has not got. */
export function firstMissing(position: FeedPosition): number {
  return Math.min(...position.values());
}
