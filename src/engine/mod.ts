export {
  collectComponents,
  type CollectionModules,
  type CollectionOptions,
  type CollectionReport,
} from "./collect_components.ts";
export { createEngine, type EngineModules, type EngineOptions } from "./engine.ts";
export type { ImportedFunction } from "./component/types.ts";
export { inspectComponent } from "./inspect.ts";
export type { ComponentInspection, InstantiationCost } from "./inspect_types.ts";
export { SPARE_WORKERS } from "./limits.ts";
export type {
  Engine,
  EngineLoad,
  ExecuteRequest,
  ExecutionOutcome,
  ExecutionReport,
  ExecutionResult,
  FetchBytes,
  GuestLog,
  Invocation,
  KeyValueStore,
  MeteredFiles,
  World,
} from "./types.ts";
