import { fileURLToPath } from "node:url";

/** WebAssembly the transpiler is made of and reads when it is first used. */
const FILES = ["js-component-bindgen-component.core.wasm", "js-component-bindgen-component.core2.wasm"];

/** All a worker that transpiles must be allowed to read. */
export function transpilerFiles(): string[] {
  const entry = import.meta.resolve("@bytecodealliance/jco-transpile/component");
  return FILES.map((name) => fileURLToPath(new URL(name, entry)));
}

/**
 * Makes the environment of this isolate empty, for good. The transpiler's WASI reads all variables and the working
 * directory when it is loaded, for guests it does not have; in a worker without permissions that would fail.
 */
export function hideEnvironment(): void {
  Object.assign(Deno.env, { get: () => undefined, has: () => false, toObject: () => ({}) });
  Object.assign(Deno, { cwd: () => "/" });
}
