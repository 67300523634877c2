import { MIN_FILTERED_SECRET_CHARS } from "./limits.ts";

/** What stands where a secret stood. */
export const SECRET_MARK = "(secret)";

/**
 * The secrets of this process, to be kept out of everything it prints.
 *
 * A last line of defence: code that never puts a secret into a message needs none.
 */
export interface SecretFilter {
  /** Replaces every registered secret in `text`. */
  redact(text: string): string;
}

/**
 * A filter for these secrets, in the spellings in which they turn up: as they are, JSON-escaped, percent-encoded, and
 * hex keys with or without `0x` in either case. Secrets shorter than {@link MIN_FILTERED_SECRET_CHARS} are not filtered.
 */
export function createSecretFilter(secrets: readonly string[]): SecretFilter {
  const spellings = new Set(secrets.flatMap(spellingsOf).filter((text) => text.length >= MIN_FILTERED_SECRET_CHARS));
  // Longest first: a secret that contains another is replaced whole.
  const ordered = [...spellings].sort((left, right) => right.length - left.length);
  return {
    redact: (text) => ordered.reduce((rest, secret) => rest.replaceAll(secret, SECRET_MARK), text),
  };
}

function spellingsOf(secret: string): readonly string[] {
  const text = secret.trim();
  const digits = /^(?:0x)?([0-9a-fA-F]{32,})$/.exec(text)?.[1];
  const hex = digits === undefined ? [] : [digits, digits.toLowerCase(), digits.toUpperCase()];
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.toWellFormed()), ...hex];
}
