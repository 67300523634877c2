import type { FunctionDescriptor } from "../abi/build.ts";
import { buildFunctionDescriptors } from "../abi/build.ts";
import { planWaits } from "../plan/waiting.ts";
import type { Plan } from "../plan/types.ts";
import type { ComponentArtifact, ComponentSurface, LoadedComponent } from "../types.ts";
import { IdleInstances } from "./idle_instances.ts";

/** What a direct artefact carries. */
export interface DirectBody {
  readonly plan: Plan;
  /** Metered and compiled, in the plan's order. */
  readonly modules: readonly WebAssembly.Module[];
  /** Ids of imports that may return a promise. */
  readonly asyncImports: readonly string[];
  /** Whether every core module is, see `MeteredModule`. */
  readonly isRestorable: boolean;
}

/** A component bound to this isolate: everything that can be made once for all its instances. */
export class LinkedComponent implements LoadedComponent {
  readonly runtime = "direct";
  readonly surface: ComponentSurface;
  readonly plan: Plan;
  readonly modules: readonly WebAssembly.Module[];
  readonly asyncImports: ReadonlySet<string>;
  readonly functions: readonly FunctionDescriptor[];
  /** Component instances whose functions may have to wait for the host. */
  readonly waitingInstances: ReadonlySet<number>;
  readonly idle: IdleInstances;

  constructor(artifact: ComponentArtifact) {
    const body = artifact.body as DirectBody;
    this.surface = artifact.surface;
    this.plan = body.plan;
    this.modules = body.modules;
    this.asyncImports = new Set(body.asyncImports);
    this.functions = buildFunctionDescriptors(body.plan);
    this.waitingInstances = planWaits(body.plan, this.asyncImports);
    this.idle = new IdleInstances(body.isRestorable);
  }
}
