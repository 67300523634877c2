import type { Budget, MeteredModule } from "@/engine/metering/mod.ts";

/**
 * One carrier of component execution: "direct" is the node's own, "jco" is the oracle it is tested against.
 *
 * A component goes through three steps, so that the costly one is done once per digest and the cheap one per execution:
 * `prepare` (any isolate, milliseconds) makes plain data that can be posted to workers, `link` (once per worker) checks
 * it against a world and makes it runnable, `instantiate` (once per execution, microseconds) makes a fresh instance.
 *
 * Values have jco's shapes: records are objects with camelCase fields, `u64`/`s64` are bigint, `list<u8>` and lists of
 * other numbers are typed arrays, `option` none is `undefined`, a variant is `{ tag, val }` or `{ tag }`, an enum is its
 * name, flags are an object of booleans, a `result` inside a value is `{ tag: "ok" | "err", val }`.
 *
 * Every method throws {@link WavsError} and nothing else.
 */
export interface ComponentRuntime {
  readonly name: ComponentRuntimeName;

  /**
   * Parses a component's bytes, plans its instantiation, meters and compiles its core modules.
   *
   * @throws WavsError `component_invalid` (malformed bytes), `component_unsupported` (well formed, but uses what this
   * engine refuses), `component_too_large` (a limit of `limits.ts` is exceeded)
   */
  prepare(bytes: Uint8Array, options: PrepareOptions): Promise<ComponentArtifact>;

  /**
   * Checks an artefact against a world and a service's grants and binds it to this isolate. The check cannot be left
   * out: the names a component imports reach host objects.
   *
   * @throws WavsError `component_import_unknown`, `component_import_mistyped`, `component_import_denied` (a permission
   * is missing), `component_export_missing`, `component_export_mistyped`
   */
  link(artifact: ComponentArtifact, options: LinkOptions): Promise<LoadedComponent>;

  /**
   * Makes a fresh instance: new, or put back to the first state. Start functions run here and are charged to the budget.
   *
   * @throws WavsError as {@link ComponentInstance.call}, `component_invalid` when core modules do not fit together
   */
  instantiate(component: LoadedComponent, options: InstantiateOptions): Promise<ComponentInstance>;
}

export type ComponentRuntimeName = "direct" | "jco";

/**
 * One instance, for one execution; after any throw it is unusable. Dispose of it when the execution is over: what it
 * runs on may then serve the next one, put back to the state instantiation leaves, byte for byte.
 */
export interface ComponentInstance extends Disposable {
  /**
   * Calls an exported function by its WIT name, such as `process-input`.
   *
   * An export whose WIT result is a `result` answers `{ tag: "ok" | "err", val }`; a guest's err is an answer, not a
   * throw.
   *
   * @throws WavsError `guest_trap` (the text of the trap), `out_of_fuel`, `out_of_time`, `killed`,
   * `component_export_missing`, `component_argument_invalid`, `host_import_missing` (a function the guest called is not
   * in the imports), `host_call_failed` (an import threw an error of its own or answered a value of the wrong shape), or
   * any WavsError an import threw, unchanged (the WASI host ends a guest that calls `exit` by throwing `guest_exit`)
   */
  call(exportName: string, args: readonly unknown[]): Promise<unknown>;
}

export interface PrepareOptions {
  /**
   * Imports that may return a promise, as `wasi:io/poll#poll` or `wasi:io/poll#[method]pollable.block`: the interface
   * without its version, then the WIT name of the function. All others must answer at once.
   */
  readonly asyncImports: ReadonlySet<string>;
  /** The most linear memory one instance may have, in bytes; default {@link DEFAULT_MAX_MEMORY_BYTES}. */
  readonly maxMemoryBytes?: number;
  /**
   * The core modules of these bytes as the same code metered them before under the same limit, in order. They are
   * believed; other carriers than "direct" do without.
   */
  readonly metered?: readonly MeteredModule[];
  /** Is handed the metered core modules when they had to be made. */
  readonly onMetered?: (modules: readonly MeteredModule[]) => void;
}

/** A prepared component: structured-cloneable, so it can be compiled once and posted to every worker. */
export interface ComponentArtifact {
  readonly runtime: ComponentRuntimeName;
  /** What the component imports and exports, for listings and for the world check. */
  readonly surface: ComponentSurface;
  /** Private to the runtime that made it; structured-cloneable. */
  readonly body: unknown;
}

/** The functions a component imports and those it exports at its root, with their structural types. */
export interface ComponentSurface {
  readonly imports: readonly ImportedFunction[];
  readonly exports: readonly ExportedFunction[];
}

export interface ImportedFunction {
  /** As written in the component, with its version: `wasi:io/poll@0.2.3`, `host`; empty for a root-level function. */
  readonly interfaceName: string;
  /** WIT name: `poll`, `[method]pollable.block`, `[constructor]fields`, `[static]response-outparam.set`. */
  readonly name: string;
  /** The function's full structural type as text; see `signature.ts`. */
  readonly signature: string;
}

export interface ExportedFunction {
  readonly name: string;
  readonly signature: string;
}

export interface LinkOptions {
  readonly world: WorldTable;
  readonly grants: WorldGrants;
}

/** What a component may import and must export. Imports are keyed `track#function`, see `world_check.ts`. */
export interface WorldTable {
  readonly name: string;
  readonly imports: ReadonlyMap<string, string>;
  readonly exports: ReadonlyMap<string, string>;
}

/** Permissions that decide which interfaces exist at all for a service (spec/engine.md 2.2). */
export interface WorldGrants {
  /** False when `allowed_http_hosts` is none: `wasi:http` is then not there to be imported. */
  readonly http: boolean;
}

/** An artefact that passed the world check, bound to this isolate. Not structured-cloneable. */
export interface LoadedComponent {
  readonly runtime: ComponentRuntimeName;
  readonly surface: ComponentSurface;
}

export interface InstantiateOptions {
  readonly imports: HostImports;
  readonly budget: Budget;
  readonly limits?: Partial<InstanceLimits>;
  /**
   * The service the execution belongs to. Core instances may be kept for its next execution, and never serve another
   * service; without it they serve this execution only.
   */
  readonly owner?: string;
  /**
   * Told of every imported function at the execution's first call of it: the interface without its version, then the WIT
   * name. Only the runtime "direct" does.
   */
  readonly onHostCall?: ((id: string) => void) | undefined;
}

/** What one instance may make the host hold or copy; the defaults and their reasons are in `limits.ts`. */
export interface InstanceLimits {
  /** Handles alive at the same time, over all resource types. */
  readonly maxHandles: number;
  /** Bytes copied out of the guest by one call, arguments or result, lists weighed with what they cost in JavaScript. */
  readonly maxLiftedBytes: number;
}

/**
 * Host functions by unversioned interface name: `{ "wasi:io/poll": { poll, Pollable }, host: { log, … } }`.
 *
 * Functions and methods are camelCase, resources are PascalCase classes whose instances may have `[Symbol.dispose]`,
 * called when the guest drops the handle. Resources a guest never drops are for the host's own per-execution scope to
 * close. A function whose WIT result is a `result` returns the ok value and throws the err value itself, which must not
 * be an `Error`; a thrown `Error` ends the execution.
 */
export type HostImports = Readonly<Record<string, HostInterface>>;
export type HostInterface = Readonly<Record<string, unknown>>;
