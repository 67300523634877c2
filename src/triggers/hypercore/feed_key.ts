import type { Branded } from "@/domain/brand.ts";
import { parseHexOfLength } from "@/domain/hex.ts";
import { invalidText } from "@/domain/json/path.ts";

/** A feed's ed25519 public key as 64 lower-case hex digits. */
export type FeedKey = Branded<string, "FeedKey">;

const EXPECTED = "a feed key of 64 hex digits";

/**
 * Reads the `feed_key` of a trigger (spec/network.md 1.7), of any case: two spellings are one feed.
 *
 * @throws WavsError `invalid_value`
 */
export function parseFeedKey(text: string): FeedKey {
  // Other nodes take no prefix here, and operators must agree on what is watched.
  if (text.startsWith("0x")) throw invalidText(EXPECTED, text);
  return parseHexOfLength(text, 32, EXPECTED).slice(2) as FeedKey;
}
