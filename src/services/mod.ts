export { type FetchBytes } from "./documents.ts";
export { type RegistryModules, type RegistryOptions, Services } from "./registry.ts";
export { SnapshotPublisher, watchedService } from "./snapshot.ts";
export type { RegisteredService, ServiceRegistry } from "./types.ts";
export { UriFollower, type UriFollowerModules } from "./uri_changes.ts";
