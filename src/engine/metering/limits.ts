/**
 * Fuel handed out at a time. Guest code runs this many operators between two looks at deadline and kill flag: about
 * 0.2 ms, while the look itself costs about 0.2 µs. A larger slice stops runaways later, a smaller one costs speed.
 */
export const FUEL_SLICE = 250_000n;

/**
 * How long a guest computes before others in its worker have their turn. Giving way costs some microseconds; sixteen
 * guests that all compute wait 30 ms for each other.
 */
export const TURN_MS = 2;

/**
 * Fuel a guest may spend between two turns where it cannot give way: in allocators, destructors and post-return
 * functions, which the host calls and waits for. Beyond it the guest traps. In real components they take thousands; this
 * is 15 ms.
 */
export const MAX_UNINTERRUPTED_FUEL = 10_000_000n;

/**
 * Host work (calls, and each {@link HOST_WORK_BYTES} copied) a guest may cause between two looks at deadline and kill
 * flag. Host calls cost no fuel (spec/engine.md 3.1), so without this a guest that mostly calls out would not be cut.
 */
export const HOST_WORK_PER_CHECK = 256;

/** Bytes copied between guest and host that weigh as much as one host call; copying them takes about 1 µs. */
export const HOST_WORK_BYTES = 4096;

/** Base-2 logarithm of the length from which a bulk memory or table instruction is charged for its length. */
export const BULK_FREE_BYTES_SHIFT = 10;

/** Base-2 logarithm of the bytes (or table entries) such an instruction moves per unit of fuel. */
export const BULK_BYTES_PER_FUEL_SHIFT = 4;

/** Fuel for one `memory.grow`, beside the operator itself: it enters the engine and takes about a microsecond. */
export const GROW_FUEL = 256;

/** Entries one table may have. Real components have a few thousand functions in theirs; 8 bytes each on the JS heap. */
export const MAX_TABLE_ENTRIES = 100_000;

/** Tables one module may define. */
export const MAX_TABLES = 16;

/** Mutable globals of a module that can be restored; compilers make a handful. A module with more is instantiated anew. */
export const MAX_RESTORED_GLOBALS = 64;

/** Longest single timer: JavaScript timers beyond 2^31 ms fire at once. */
export const MAX_SLEEP_MS = 2 ** 31 - 1;
