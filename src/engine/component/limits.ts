/** Largest component accepted, in bytes. The HTTP upload limit is 15 MB; runtimes that embed a JavaScript engine reach 12 MB. */
export const MAX_COMPONENT_BYTES = 32 * 1024 * 1024;

/**
 * Definitions, declarations, labels and arguments in one component, nested components included. Real components have
 * some thousand; without a bound 32 MB of them would become gigabytes of objects. Beyond it: `component_too_large`.
 */
export const MAX_COMPONENT_ITEMS = 200_000;

/** Nesting of components, and of instance and component types, while parsing; the parser recurses once per level. */
export const MAX_NESTING = 32;

/** Nesting of value types, aliases resolved; lifting and lowering recurse once per level. Real types reach 12. */
export const MAX_TYPE_DEPTH = 64;

/** Bytes one value type occupies in memory, lists counted as pointers. Bounds types that double at every level. */
export const MAX_TYPE_BYTES = 64 * 1024;

/** Characters of all a component's signature texts together. A component that imports the whole world has about 40,000. */
export const MAX_SIGNATURE_CHARS = 1024 * 1024;

/** Definitions evaluated while planning; nested components may be instantiated many times, doubling at every level. */
export const MAX_PLAN_STEPS = 400_000;

/** Core modules instantiated per execution. Rust components have 4 or 5, composed ones some dozen. */
export const MAX_CORE_INSTANCES = 100;

/** Component instances per execution; each has a handle table of its own. */
export const MAX_COMPONENT_INSTANCES = 64;

/** Linear memories defined per instance; they share {@link DEFAULT_MAX_MEMORY_BYTES}, each gets an equal part. */
export const MAX_MEMORIES = 8;

/** Linear memory of one instance unless the caller says otherwise: four times what sample components use under load. */
export const DEFAULT_MAX_MEMORY_BYTES = 128 * 1024 * 1024;

/** Handles alive at once in one instance. A handle holds a host object of some hundred bytes; beyond it the guest traps. */
export const DEFAULT_MAX_HANDLES = 16_384;

/**
 * Bytes one call may copy out of the guest. Several lists may point at the same memory, so guest memory is no bound by
 * itself. A response is at most 1 MiB, a stream write 4 KiB; beyond it the guest traps.
 */
export const DEFAULT_MAX_LIFTED_BYTES = 16 * 1024 * 1024;

/**
 * Core instances of one component a worker keeps between executions, in their first state. A worker computes one
 * execution at a time; a second instance serves the next while one waits for the host. Beyond it the one that has
 * rested longest is let go.
 */
export const MAX_IDLE_INSTANCES = 2;

/**
 * Most memory, over all its core instances, of a component whose instances are put back to their first state instead of
 * made anew. TypeScript components start with 1.5 MB, Rust ones with 1.1 MB; larger ones are instantiated every time.
 */
export const MAX_SNAPSHOT_BYTES = 4 * 1024 * 1024;

/** What one element of a list of objects weighs beside its bytes, as a JavaScript value. */
export const LIFTED_ELEMENT_BYTES = 16;
