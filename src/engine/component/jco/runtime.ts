import { Buffer } from "node:buffer";
import { type Budget, instantiateMetered, startOf } from "@/engine/metering/mod.ts";
import { executionError, exportNotFound, hostImportMissing } from "../errors.ts";
import { camelCase, hostBinding } from "../plan/names.ts";
import type {
  ComponentArtifact,
  ComponentInstance,
  ComponentRuntime,
  ComponentSurface,
  HostImports,
  InstantiateOptions,
  LinkOptions,
  LoadedComponent,
} from "../types.ts";
import { checkWorld } from "../world_check.ts";
import { type JcoBody, transpile } from "./transpile.ts";

/** The module jco generates. */
interface GeneratedModule {
  instantiate(
    coreModule: (name: string) => WebAssembly.Module,
    imports: HostImports,
    instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => Promise<WebAssembly.Instance>,
  ): Promise<Record<string, ExportedCall>>;
}

type ExportedCall = (...args: readonly unknown[]) => unknown;

interface JcoComponent extends LoadedComponent {
  readonly runtime: "jco";
  readonly body: JcoBody;
  readonly generated: GeneratedModule;
}

/**
 * Runs components through the code `@bytecodealliance/jco` generates: the oracle for the direct runtime. The
 * transpiler is loaded at the first `prepare`; it reads its own files, so preparing needs read permission, linking and
 * running need none.
 */
export function createJcoRuntime(): ComponentRuntime {
  return { name: "jco", prepare: transpile, link, instantiate };
}

async function link(artifact: ComponentArtifact, options: LinkOptions): Promise<LoadedComponent> {
  checkWorld(artifact.surface, options);
  const body = artifact.body as JcoBody;
  const url = `data:text/javascript;base64,${Buffer.from(body.source).toString("base64")}`;
  const component: JcoComponent = {
    runtime: "jco",
    surface: artifact.surface,
    body,
    generated: await import(url) as GeneratedModule,
  };
  return component;
}

async function instantiate(component: LoadedComponent, options: InstantiateOptions): Promise<ComponentInstance> {
  const { body, generated, surface } = component as JcoComponent;
  const { budget } = options;
  try {
    budget.check();
    const exports = await generated.instantiate(
      (name) => coreModule(body, name),
      withStubs(surface, options.imports),
      (module, imports) => Promise.resolve(instantiateStarted(module, imports ?? {}, budget)),
    );
    return new JcoInstance(exports, surface, options);
  } catch (error) {
    throw executionError(error);
  }
}

function instantiateStarted(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
  budget: Budget,
): WebAssembly.Instance {
  const instance = instantiateMetered(module, imports, () => budget);
  startOf(instance.exports)?.();
  return instance;
}

function coreModule(body: JcoBody, name: string): WebAssembly.Module {
  const module = body.modules.get(name);
  if (module === undefined) throw new TypeError(`the generated code asks for the unknown module "${name}"`);
  return module;
}

/**
 * The generated code takes every imported interface apart when it starts, called or not: functions the host lacks are
 * stood in for by ones that say so when they are called, as the direct runtime does.
 */
function withStubs(surface: ComponentSurface, imports: HostImports): HostImports {
  const complete: Record<string, Record<string, unknown>> = {};
  for (const { interfaceName, name } of surface.imports) {
    const binding = hostBinding(interfaceName, name);
    const holder = complete[binding.interfaceName] ??= { ...imports[binding.interfaceName] };
    if (binding.role !== "function") holder[binding.className] ??= class {};
    else {
      holder[binding.key] ??= () => {
        throw hostImportMissing(binding.id);
      };
    }
  }
  return { ...imports, ...complete };
}

class JcoInstance implements ComponentInstance {
  readonly #exports: Readonly<Record<string, ExportedCall>>;
  readonly #surface: ComponentSurface;
  readonly #options: InstantiateOptions;

  constructor(
    exports: Readonly<Record<string, ExportedCall>>,
    surface: ComponentSurface,
    options: InstantiateOptions,
  ) {
    this.#exports = exports;
    this.#surface = surface;
    this.#options = options;
  }

  async call(exportName: string, args: readonly unknown[]): Promise<unknown> {
    const signature = this.#surface.exports.find((each) => each.name === exportName)?.signature;
    const exported = this.#exports[camelCase(exportName)];
    if (signature === undefined || exported === undefined) throw exportNotFound(exportName);
    const returnsResult = resultOf(signature).startsWith("result<");
    try {
      const value = await this.#options.budget.race(invoke(exported, args));
      return returnsResult ? { tag: "ok", val: value } : value;
    } catch (error) {
      if (returnsResult && isComponentError(error)) return { tag: "err", val: error.payload };
      throw executionError(error);
    }
  }

  /** Nothing of it serves another execution. */
  [Symbol.dispose](): void {}
}

/** The generated function throws or rejects; here it always rejects. */
// deno-lint-ignore require-await -- turns a throw into a rejection
async function invoke(exported: ExportedCall, args: readonly unknown[]): Promise<unknown> {
  return exported(...args);
}

/** The result type's text; no type inside the parameters can hold an arrow. */
function resultOf(signature: string): string {
  return signature.slice(signature.lastIndexOf(")->") + ")->".length);
}

/** How generated code throws the err value of a `result`. */
function isComponentError(error: unknown): error is { readonly payload: unknown } {
  return typeof error === "object" && error !== null && Object.hasOwn(error, "payload");
}
