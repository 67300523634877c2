import type { CanonicalOptionsSyntax } from "../binary/ast.ts";
import { invalidComponent } from "../errors.ts";
import { at, type Scope } from "./scope.ts";
import type { CanonicalOptions } from "./types.ts";

/** What of a function's signature decides which canonical options it needs. */
export interface SignatureLayout {
  readonly paramsSpill: boolean;
  readonly paramsHavePointer: boolean;
  readonly resultInMemory: boolean;
  readonly resultHasPointer: boolean;
}

/** The options of `canon lift`: the host writes parameters into the guest's memory and reads results from there. */
export function liftOptions(options: CanonicalOptionsSyntax, scope: Scope, layout: SignatureLayout): CanonicalOptions {
  const writes = layout.paramsSpill || layout.paramsHavePointer;
  requireOptions(options, { memory: writes || layout.resultInMemory || layout.resultHasPointer, realloc: writes });
  return resolveOptions(options, scope);
}

/** The options of `canon lower`: the guest writes its own parameters, the host what it answers. */
export function lowerOptions(options: CanonicalOptionsSyntax, scope: Scope, layout: SignatureLayout): CanonicalOptions {
  const reads = layout.paramsSpill || layout.paramsHavePointer;
  const writes = layout.resultHasPointer;
  requireOptions(options, { memory: reads || writes || layout.resultInMemory, realloc: writes });
  if (options.postReturn !== undefined) throw invalidComponent("a lowered function has a post-return function");
  return resolveOptions(options, scope);
}

function requireOptions(options: CanonicalOptionsSyntax, needs: { memory: boolean; realloc: boolean }): void {
  if (options.memory === undefined) {
    if (needs.memory) throw invalidComponent("a function needs a memory for its values and names none");
    if (options.realloc !== undefined) throw invalidComponent("a function names a realloc function but no memory");
  }
  if (needs.realloc && options.realloc === undefined) {
    throw invalidComponent("a function needs a realloc function for its values and names none");
  }
}

function resolveOptions(options: CanonicalOptionsSyntax, scope: Scope): CanonicalOptions {
  const resolve = (sort: "core function" | "core memory", index: number | undefined) =>
    index === undefined ? undefined : at(scope.core(sort), index, sort);
  return {
    encoding: options.encoding,
    memory: resolve("core memory", options.memory),
    realloc: resolve("core function", options.realloc),
    postReturn: resolve("core function", options.postReturn),
  };
}
