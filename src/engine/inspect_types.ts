import type { SerializedError } from "@/domain/errors.ts";
import type { ComponentSurface } from "./component/types.ts";
import type { World } from "./types.ts";

/** What can be said of a component without executing it. */
export interface ComponentInspection {
  /** Functions with their WIT types; interfaces are named as the component spells them. */
  readonly surface: ComponentSurface;
  /** The world it fits, with every permission granted. */
  readonly fit: { readonly world: World } | { readonly world: undefined; readonly error: SerializedError };
  /** Bytes of each core module. */
  readonly coreModules: readonly number[];
  /** Parsing, planning, metering and compiling, once. */
  readonly prepareMs: number;
  /** Absent when it fits no world. */
  readonly instantiation: InstantiationCost | undefined;
}

/** Instantiating all core modules anew, their start functions included. */
export type InstantiationCost =
  | { readonly instances: number; readonly medianUs: number }
  /** Why there is none: start functions trap, spend more than they may, or call the host. */
  | { readonly error: SerializedError };

/** What the inspecting worker serves. */
export interface InspectorApi {
  inspect(bytes: Uint8Array): ComponentInspection;
}
