export { planComponent, type PlannedComponent } from "./plan/evaluate.ts";
export { createComponentRuntime } from "./runtimes.ts";
export type {
  ComponentArtifact,
  ComponentInstance,
  ComponentRuntime,
  ComponentRuntimeName,
  ComponentSurface,
  ExportedFunction,
  HostImports,
  HostInterface,
  ImportedFunction,
  InstanceLimits,
  InstantiateOptions,
  LinkOptions,
  LoadedComponent,
  PrepareOptions,
  WorldGrants,
  WorldTable,
} from "./types.ts";
export { checkWorld, importKey } from "./world_check.ts";
export { AGGREGATOR_WORLD, OPERATOR_WORLD } from "./worlds.ts";
