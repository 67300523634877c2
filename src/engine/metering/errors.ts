import { WavsError } from "@/domain/errors.ts";

/** The module passed validation, and this pass cannot follow it all the same. */
export function malformedModule(reason: string): WavsError {
  return new WavsError("component_invalid", {
    message: `A core module of the component is malformed: ${reason}`,
    retryable: false,
  });
}

export function unsupportedModule(feature: string): WavsError {
  return new WavsError("component_unsupported", {
    message: `A core module of the component uses ${feature}, which this node does not support; build it without`,
    retryable: false,
  });
}

export function moduleOverLimit(what: string, wanted: number, limit: number): WavsError {
  return new WavsError("component_too_large", {
    message: `A core module of the component wants "${wanted}" ${what}, but the limit is "${limit}"`,
    retryable: false,
    meta: { wanted, limit },
  });
}
