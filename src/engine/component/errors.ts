import { describeError, WavsError } from "@/domain/errors.ts";

/** The bytes are no component, or break a rule of the component format. */
export function invalidComponent(reason: string, cause?: unknown): WavsError {
  return new WavsError("component_invalid", {
    message: `The component is malformed: ${reason}; build or fetch it again`,
    retryable: false,
    cause,
  });
}

/** A core module where a component is expected: what a compiler yields before the last step of the build. */
export function notWrapped(): WavsError {
  return new WavsError("component_invalid", {
    message: 'The file is a core module, not a component; make one of it with "wasm-tools component new"',
    retryable: false,
  });
}

/** The component is well formed but uses a feature this engine refuses. */
export function unsupportedComponent(feature: string): WavsError {
  return new WavsError("component_unsupported", {
    message: `The component uses ${feature}, which this node does not support; build it for WASI 0.2 without it`,
    retryable: false,
  });
}

/** A limit of `limits.ts` is exceeded. */
export function componentTooLarge(what: string, limit: number): WavsError {
  return new WavsError("component_too_large", {
    message: `The component is refused because it has more than "${limit}" ${what}`,
    retryable: false,
    meta: { limit },
  });
}

/** The guest broke a rule of the canonical ABI; ends the execution like a trap of its own code. */
export class Trap extends Error {
  override readonly name = "Trap";
}

/**
 * Turns whatever ended guest code into the error the caller sees. Keeps the text of the trap, never a host stack.
 *
 * A WavsError comes from the budget or from an import and passes unchanged.
 */
export function executionError(thrown: unknown): WavsError {
  if (thrown instanceof WavsError) return thrown;
  if (thrown instanceof HostValueError) return invalidArgument(thrown);
  const reason = isStackOverflow(thrown)
    ? "call stack exhausted"
    : thrown instanceof Error
    ? thrown.message
    : String(thrown);
  return new WavsError("guest_trap", {
    message: `The component trapped: ${reason}`,
    retryable: false,
    meta: { reason },
  });
}

/** A value from the host does not have the shape its WIT type asks for. */
export class HostValueError extends TypeError {
  override readonly name = "HostValueError";
}

function invalidArgument(cause: HostValueError): WavsError {
  return new WavsError("component_argument_invalid", {
    message: `The component cannot be called because an argument has the wrong shape: ${cause.message}`,
    retryable: false,
    cause,
  });
}

/** A function is called that the component does not export at its root. */
export function exportNotFound(name: string): WavsError {
  return new WavsError("component_export_missing", {
    message: `The component cannot be called because it does not export "${name}"`,
    retryable: false,
    meta: { export: name },
  });
}

/** A host function is called that the imports do not have. */
export function hostImportMissing(id: string): WavsError {
  return new WavsError("host_import_missing", {
    message: `The component called "${id}", which the host does not provide`,
    retryable: false,
    meta: { function: id },
  });
}

/** An import failed by a mistake of the host's own, or returned a value of the wrong shape. */
export function hostCallFailed(id: string, cause: unknown): WavsError {
  return new WavsError("host_call_failed", {
    message: `The host function "${id}" failed: ${describeError(cause)}`,
    retryable: false,
    meta: { function: id },
    cause,
  });
}

export function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && /call stack/i.test(thrown.message);
}
