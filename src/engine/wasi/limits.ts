/**
 * The most bytes one stream operation moves, in either direction.
 *
 * Default: what guests' standard libraries use as buffers. Why: a read allocates on the host what the guest asks for.
 * At the limit: the guest gets fewer bytes than it asked for, which every reader copes with.
 */
export const MAX_STREAM_CHUNK_BYTES = 64 * 1024;

/**
 * The most bytes the host keeps for one execution: header fields, request bodies not sent yet, compare-and-swap
 * snapshots.
 *
 * Default: many times what a component needs. Why: a worker that runs out of heap takes the node with it. At the limit:
 * the execution ends with `host_memory_exceeded`.
 */
export const MAX_HOST_MEMORY_BYTES = 16 * 1024 * 1024;

/** The most bytes `get-random-bytes` answers at once. At the limit: the guest traps, as a short answer is not allowed. */
export const MAX_RANDOM_BYTES = 1024 * 1024;

/** The most pollables one `poll` waits for. Why: each is looked at whenever one wakes. At the limit: the guest traps. */
export const MAX_POLL_LIST_ITEMS = 4096;

/** The most bytes of headers or trailers one `fields` holds. At the limit: the execution ends with `host_memory_exceeded`. */
export const MAX_FIELDS_BYTES = 64 * 1024;

/** What one header entry weighs besides its text: the objects that hold it. */
export const FIELD_OVERHEAD_BYTES = 64;

/**
 * The most bytes of one request body that wait on the host to be sent.
 *
 * Default: guests that write a whole small body before they send the request must not get stuck. At the limit: the
 * stream is not writable until some have been sent.
 */
export const MAX_UNSENT_BODY_BYTES = 1024 * 1024;

/** The longest authority or path of a request, in characters. At the limit: `set-authority`, `set-path-with-query` fail. */
export const MAX_URL_PART_CHARS = 16 * 1024;

/** How long each phase of an HTTP request may take when the guest sets no timeout (spec/engine.md 2.3), in milliseconds. */
export const DEFAULT_HTTP_TIMEOUT_MS = 600_000;

/**
 * Sockets one execution has at once, accepted ones included.
 *
 * Default: far above what a component needs. Why: each holds a socket of the process. At the limit: `new-socket-limit`.
 */
export const MAX_SOCKETS_PER_EXECUTION = 16;

/**
 * Bytes of one TCP connection that wait on the host, in each direction, unless the guest sets its buffer sizes.
 *
 * Default: one stream operation. At the limit: the guest waits, or the peer does.
 */
export const DEFAULT_SOCKET_BUFFER_BYTES = 64 * 1024;

/** Names one execution resolves at once. Why: each holds a thread of the process. At the limit: `temporary-resolver-failure`. */
export const MAX_LOOKUPS_PER_EXECUTION = 4;

/** The longest name a guest may have resolved, in characters: what DNS allows. At the limit: `invalid-argument`. */
export const MAX_NAME_CHARS = 253;

/** The largest payload of one datagram over IPv4, in bytes. At the limit: `datagram-too-large`. */
export const MAX_DATAGRAM_BYTES = 65_507;

/** Datagrams one `send` takes, and the most one `receive` answers. At the limit: `check-send` permits no more. */
export const MAX_DATAGRAMS_PER_CALL = 16;

/** What `set-send-buffer-size` and `set-receive-buffer-size` are clamped to, in bytes. */
export const MIN_SOCKET_BUFFER_BYTES = 1024;
export const MAX_SOCKET_BUFFER_BYTES = 256 * 1024;

/** TLS connections one execution has at once. Why: each keeps keys and buffers. At the limit: the handshake fails. */
export const MAX_TLS_CONNECTIONS = 16;

/** Bytes of one TLS connection that wait to be encrypted. At the limit: its stream is not writable. */
export const MAX_UNSENT_TLS_BYTES = 64 * 1024;

/** Files and directories one execution has open at once. Why: the process has few of them. At the limit: `insufficient-memory`. */
export const MAX_OPEN_DESCRIPTORS = 64;

/** The most names `read-directory` lists. Why: the listing is held in memory. At the limit: `insufficient-memory`. */
export const MAX_DIRECTORY_ENTRIES = 10_000;

/** The largest file a guest can make. Why: the disk is the node's too. At the limit: `file-too-large`. */
export const MAX_FILE_BYTES = 1024 * 1024 * 1024;

/**
 * Bytes all files of one service may have together, as their sizes say.
 *
 * Default: ample for caches and state. Why: a guest must not fill the disk the journal is on. At the limit: `quota`.
 */
export const MAX_SERVICE_BYTES = 1024 * 1024 * 1024;

/** Files, directories and links one service may have. Why: each takes an inode and time to list. At the limit: `quota`. */
export const MAX_SERVICE_ENTRIES = 10_000;

/** Symbolic links followed for one path, as Linux does. At the limit: `loop`. */
export const MAX_SYMLINKS_FOLLOWED = 40;

/** The longest path a guest may name, in characters. At the limit: `name-too-long`. */
export const MAX_PATH_CHARS = 4096;

/** The longest bucket name or key, in UTF-8 bytes. At the limit: the call answers the error `other`. */
export const MAX_KEY_BYTES = 4096;

/** The largest value stored under one key. At the limit: the call answers the error `other`. */
export const MAX_VALUE_BYTES = 1024 * 1024;

/** The most keys of one batch call. At the limit: the call answers the error `other`. */
export const MAX_BATCH_ITEMS = 1000;

/** The most bytes of values one batch call reads or writes. At the limit: the call answers the error `other`. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
