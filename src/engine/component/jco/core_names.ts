import { unsupportedComponent } from "../errors.ts";

/**
 * Names that can stand in generated JavaScript without being more than a name. The transpiler splices names of core
 * modules into its output unescaped, so a hostile component could otherwise run code the moment the output is loaded.
 */
const SAFE_CORE_NAME = /^[\w$.:@/#|[\]<> -]*$/;

/**
 * Checks every name a component's core modules import or export.
 *
 * @throws WavsError `component_unsupported`
 */
export function checkCoreNames(modules: readonly WebAssembly.Module[]): void {
  for (const module of modules) {
    for (const each of WebAssembly.Module.imports(module)) {
      checkCoreName(each.module);
      checkCoreName(each.name);
    }
    for (const each of WebAssembly.Module.exports(module)) checkCoreName(each.name);
  }
}

/** Checks one name, wherever it comes from. */
export function checkCoreName(name: string): void {
  if (SAFE_CORE_NAME.test(name)) return;
  throw unsupportedComponent(`the core-level name "${JSON.stringify(name).slice(1, 65)}"`);
}
