export { startHttp } from "./server.ts";
export type { HttpModules, HttpOptions, HttpServer, ManualTriggerRequest } from "./types.ts";
