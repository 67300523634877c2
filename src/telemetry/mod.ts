export {
  type LogDirective,
  type LogThreshold,
  parseLogDirectives,
  passes,
  thresholdOf,
  verbosestThreshold,
} from "./directives.ts";
export { escapeControls } from "./escape.ts";
export { createLogger, type LoggerModules, type LoggerOptions, type LogSink, writeToStderr } from "./log.ts";
export { type Count, type GaugeOptions, type GaugeReading, Metrics } from "./metrics.ts";
export { createSecretFilter, SECRET_MARK, type SecretFilter } from "./secrets.ts";
