/**
 * Fuel handed out at a time. Guest code runs this many operators between two looks at deadline and kill flag: about
 * 0.2 ms, while the look itself costs about 0.2 µs. A larger slice stops runaways later, a smaller one costs speed.
 */
export const FUEL_SLICE = 250_000n;

/**
 * Host work (calls, and each {@link HOST_WORK_BYTES} copied) a guest may cause between two looks at deadline and kill
 * flag. Host calls cost no fuel (spec/engine.md 3.1), so without this a guest that mostly calls out would not be cut.
 */
export const HOST_WORK_PER_CHECK = 256;

/** Bytes copied between guest and host that weigh as much as one host call; copying them takes about 1 µs. */
export const HOST_WORK_BYTES = 4096;
