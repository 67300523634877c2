/**
 * How deep arrays and objects may nest in JSON that is read, in levels.
 *
 * Default: what the other implementation's parser allows, so both refuse the same documents. Why: a reader that
 * recurses without a bound is a stack overflow anybody can send. At the limit: `invalid_json`.
 */
export const MAX_JSON_DEPTH_LEVELS = 127;

/**
 * How long JSON text may be, in UTF-16 code units.
 *
 * Default: above the largest body the HTTP API takes by default (15 MiB) and the largest catch-up answer (10 MiB).
 * Why: the parsed tree is several times the size of its text. At the limit: `invalid_json`, nothing is parsed.
 * Callers with a smaller budget pass their own.
 */
export const MAX_JSON_CHARS = 16 * 1024 * 1024;

/**
 * How long a bech32 address may be, in characters.
 *
 * Default: room for a 255-byte payload, an 83-character prefix and the checksum. Why: the checksum is computed over all
 * of it. At the limit: the text is no address.
 */
export const MAX_BECH32_CHARS = 512;

/** How many bytes a Cosmos address may hold (spec/wire.md 1.10). At the limit: the text is no address. */
export const MAX_COSMOS_ADDRESS_BYTES = 255;

/** How much of a rejected text an error message quotes, in characters. At the limit: cut, with an ellipsis. */
export const MAX_QUOTED_CHARS = 80;
