/** Module name of what a metered module imports in addition. */
export const METER_MODULE = "wavs:meter";
/** Function to call when the fuel is spent; it refills or throws. */
export const REFILL_IMPORT = "refill";
/** Mutable 64-bit global that holds the fuel left of the slice. */
export const FUEL_IMPORT = "fuel";
