/**
 * Blocks read and links seen while a file is put together from its IPFS graph.
 *
 * Default: twice what 50 MiB in chunks of 1 KiB take; the usual chunks have 256 KiB. Why: a few blocks can name each
 * other so often that walking them never ends, and the worker serves nobody else meanwhile. At the limit:
 * `ipfs_file_invalid`.
 */
export const MAX_IPFS_GRAPH_STEPS = 100_000;

/**
 * Bytes of one IPFS block.
 *
 * Default: twice what peers exchange among each other. Why: a block is hashed and decoded in one go. At the limit:
 * `ipfs_car_invalid`.
 */
export const MAX_IPFS_BLOCK_BYTES = 4 * 1024 * 1024;

/**
 * Bytes a CAR may have beyond those of the file in it: headers, links and the directories on the way.
 *
 * Default: two blocks of the largest usual size. Why: everything is held in memory until it is verified. At the limit:
 * `fetch_too_large`.
 */
export const MAX_CAR_OVERHEAD_BYTES = 4 * 1024 * 1024;

/** Segments of the path in an `ipfs:` URI. */
export const MAX_IPFS_PATH_SEGMENTS = 32;

/** Bytes of a registry's metadata, of a token and of one page of tags; real ones have some hundred. */
export const MAX_REGISTRY_DOCUMENT_BYTES = 1024 * 1024;

/** Bytes of a manifest; the OCI distribution specification asks clients to take 4 MiB. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Pages of tags that are read to find the highest version. At the limit: `registry_invalid`, name a version. */
export const MAX_TAG_PAGES = 20;

/** Places a warg registry may name for one content; the first that delivers is taken, later ones are not tried. */
export const MAX_CONTENT_SOURCES = 4;
