/** Module name of the function a metered module imports in addition, and prefix of what it exports in addition. */
export const METER_MODULE = "wavs:meter";
/** Imported function to call when the fuel is spent; it refills or throws, and answers 1 if the guest is to give way. */
export const REFILL_IMPORT = "refill";
/** Imported function that suspends the guest while others have their turn. */
export const GIVE_WAY_IMPORT = "give-way";
/** Exported mutable 64-bit global that holds what is left of the slice. */
export const FUEL_EXPORT = `${METER_MODULE}/fuel`;
/** Exported start function, for the host to call: WebAssembly would before the fuel can be reached. */
export const START_EXPORT = `${METER_MODULE}/start`;

/** Exported memory the module defines. */
export const MEMORY_EXPORT = `${METER_MODULE}/memory`;
/** Prefix of the exported mutable integer globals the module defines; their index follows. */
export const GLOBAL_EXPORT_PREFIX = `${METER_MODULE}/global/`;

/** Whether a component may use a core-level name; the fuel must not be within its reach. */
export function isReservedName(name: string): boolean {
  return name.startsWith(METER_MODULE);
}
