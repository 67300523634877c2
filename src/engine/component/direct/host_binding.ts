import { hostImportMissing } from "../errors.ts";
import type { HostBinding } from "../plan/types.ts";
import type { HostImports, HostInterface } from "../types.ts";

/** Calls a host function with the guest's arguments; for a method the first is the resource. */
export type HostCall = (args: readonly unknown[]) => unknown;

type Callable = (...args: readonly unknown[]) => unknown;

/**
 * Finds a host function in the imports.
 *
 * @throws WavsError `host_import_missing`
 */
export function bindHostFunction(binding: HostBinding, imports: HostImports): HostCall {
  const host = Object.hasOwn(imports, binding.interfaceName) ? imports[binding.interfaceName] : undefined;
  if (host === undefined) throw hostImportMissing(binding.id);
  switch (binding.role) {
    case "function":
      return callOn(host, host, binding);
    case "static": {
      const resource = classOf(host, binding);
      return callOn(resource, resource as unknown as HostInterface, binding);
    }
    case "constructor": {
      const resource = classOf(host, binding);
      return (args) => new resource(...args);
    }
    case "method":
      return (args) => {
        const [self, ...rest] = args;
        const method = (self as HostInterface)[binding.key];
        if (!isCallable(method)) throw hostImportMissing(binding.id);
        return method.apply(self, rest);
      };
  }
}

function callOn(self: unknown, holder: HostInterface, binding: HostBinding): HostCall {
  const callable = holder[binding.key];
  if (!isCallable(callable)) throw hostImportMissing(binding.id);
  return (args) => callable.apply(self, args as unknown[]);
}

function classOf(host: HostInterface, binding: HostBinding): new (...args: readonly unknown[]) => unknown {
  const found = host[binding.className];
  if (!isCallable(found)) throw hostImportMissing(binding.id);
  return found as unknown as new (...args: readonly unknown[]) => unknown;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}
