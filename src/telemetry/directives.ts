import { LOG_LEVELS, type LogLevel } from "@/context/mod.ts";
import { WavsError } from "@/domain/errors.ts";
import { MAX_LOG_DIRECTIVES } from "./limits.ts";

/** What a module may log: a level and everything more severe, or nothing. */
export type LogThreshold = LogLevel | "off";

/** One rule of the log filter. */
export interface LogDirective {
  /** The modules it is for, `["triggers", "evm"]`; empty for the whole node, `undefined` for what no other names. */
  readonly module: readonly string[] | undefined;
  readonly threshold: LogThreshold;
}

/** What the spans of the other implementation are called here (spec/network.md 6.3, 6.4). */
const SUBSYSTEM_MODULES: Readonly<Record<string, string>> = {
  Aggregator: "aggregator",
  AppContext: "",
  CaStorage: "storage",
  Dispatcher: "dispatcher",
  Engine: "engine",
  EngineRunner: "engine",
  Services: "services",
  Submission: "signer",
  TriggerManager: "triggers",
  WavsDb: "storage",
};

const SPAN = /^(?<target>[\w:.-]*)\[\{subsys=(?<subsystem>\w+)\}\]$/;
const TARGET = /^[\w-]+(?:(?:::|\.)[\w-]+)*$/;

/** Level of what no directive speaks of, as in the other implementation. */
const UNNAMED_THRESHOLD: LogThreshold = "error";

/**
 * Reads log directives (spec/wire.md 6.4, spec/network.md 6.4).
 *
 * Each text may hold several, separated by commas: `info`, `wavs=debug`, `triggers.evm=trace`, `engine` (everything of
 * it), `[{subsys=Engine}]=debug`. `wavs` is the node itself; a target that is no module of ours matches nothing.
 *
 * @throws WavsError `log_directive_invalid`
 */
export function parseLogDirectives(texts: readonly string[]): readonly LogDirective[] {
  const parts = texts.flatMap((text) => text.split(",")).map((part) => part.trim()).filter((part) => part !== "");
  if (parts.length > MAX_LOG_DIRECTIVES) {
    throw new WavsError("log_directive_invalid", {
      message: `Cannot use ${parts.length} log directives because at most ${MAX_LOG_DIRECTIVES} are allowed`,
      retryable: false,
    });
  }
  return parts.map(parseDirective);
}

function parseDirective(text: string): LogDirective {
  const bare = parseThreshold(text);
  if (bare !== undefined) return { module: undefined, threshold: bare };
  const { target, level } = splitLevel(text);
  const threshold = level === undefined ? "trace" : parseThreshold(level);
  const module = parseTarget(target);
  if (threshold === undefined || module === undefined) {
    throw new WavsError("log_directive_invalid", {
      message: `Cannot use the log directive "${text}": expected a level (${LOG_LEVELS.join(", ")}, off), ` +
        'or a module and a level such as "triggers=debug"',
      retryable: false,
      meta: { directive: text },
    });
  }
  return { module, threshold };
}

function splitLevel(text: string): { readonly target: string; readonly level: string | undefined } {
  const cut = text.endsWith("]") ? -1 : text.lastIndexOf("=");
  if (cut < 0) return { target: text, level: undefined };
  return { target: text.slice(0, cut).trim(), level: text.slice(cut + 1).trim() };
}

function parseThreshold(text: string): LogThreshold | undefined {
  const name = text.toLowerCase();
  return name === "off" ? "off" : LOG_LEVELS.find((level) => level === name);
}

function parseTarget(text: string): readonly string[] | undefined {
  const span = SPAN.exec(text)?.groups;
  if (span !== undefined) {
    const module = SUBSYSTEM_MODULES[span.subsystem ?? ""];
    return module === undefined ? undefined : module.split(".").filter((part) => part !== "");
  }
  if (!TARGET.test(text)) return undefined;
  const parts = text.split(/::|\./);
  return parts[0] === "wavs" ? parts.slice(1) : parts;
}

/** The threshold of one module (`triggers.evm`): of the directives that match, the most specific, of those the last. */
export function thresholdOf(directives: readonly LogDirective[], module: string): LogThreshold {
  const path = splitModule(module);
  let best: LogDirective | undefined;
  for (const directive of directives) {
    if (startsWith(path, directive.module ?? []) && specificity(directive) >= specificity(best)) best = directive;
  }
  return best?.threshold ?? UNNAMED_THRESHOLD;
}

/**
 * The least severe level that `module` or anything below it logs: what a worker has to send for nothing to be missing.
 */
export function verbosestThreshold(directives: readonly LogDirective[], module: string): LogThreshold {
  const path = splitModule(module);
  return directives
    .filter((directive) => startsWith(directive.module ?? [], path))
    .map(({ threshold }) => threshold)
    .reduce((left, right) => (rank(left) >= rank(right) ? left : right), thresholdOf(directives, module));
}

/** Whether a record of this level passes. */
export function passes(threshold: LogThreshold, level: LogLevel): boolean {
  return rank(level) <= rank(threshold);
}

function rank(threshold: LogThreshold): number {
  return threshold === "off" ? -1 : LOG_LEVELS.indexOf(threshold);
}

function specificity(directive: LogDirective | undefined): number {
  if (directive === undefined) return -2;
  return directive.module === undefined ? -1 : directive.module.length;
}

function splitModule(module: string): readonly string[] {
  return module === "" ? [] : module.split(".");
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((part, index) => path[index] === part);
}
