export { startHttp } from "./server.ts";
export type { HttpModules, HttpOptions, HttpServer, ManualTriggerRequest, ManualTriggerResult } from "./types.ts";
