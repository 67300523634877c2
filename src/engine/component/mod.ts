export { createDirectRuntime } from "./direct/runtime.ts";
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
export { checkWorld } from "./world_check.ts";
