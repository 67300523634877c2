import { loadConfig } from "@/config/mod.ts";
import {
  type ChainConfig,
  type Component,
  DEFAULT_WORKFLOW_ID,
  eventIdOf,
  eventSalt,
  isWavsError,
  type TriggerData,
  type WasmResponse,
  WavsError,
} from "@/domain/mod.ts";
import type { Engine, ExecutionResult, Invocation, World } from "@/engine/mod.ts";
import { readNamedFile } from "../read_file.ts";
import { openExecEngine } from "./engine.ts";
import { readAggregatorInput, readOperatorInput, type SimulatedTrigger } from "./input.ts";
import type { ExecOptions } from "./options.ts";
import { componentOf, EXEC_SERVICE_ID, execService } from "./service.ts";
import type { ExecEnding, ExecModules, ExecReport, IdentifiedResponse } from "./types.ts";

/**
 * Executes a component once, as a node would: same engine, same sandbox, same limits.
 *
 * @throws WavsError when the component cannot be executed at all; how an execution ended is in the report
 */
export async function execute(options: ExecOptions, modules: ExecModules): Promise<ExecReport> {
  const chains = chainsOf(options);
  const bytes = await readNamedFile(options.componentPath, "component");
  await using opened = await openExecEngine(options, modules);
  const { engine } = opened;
  const digest = await engine.upload(bytes);
  const component = componentOf(digest, options);
  const world = await prepareInItsWorld(engine, component);
  const { invocation, simulated } = await readInput(options, world);
  const { trigger, data } = simulated;
  const [serviceId, workflowId] = [EXEC_SERVICE_ID, DEFAULT_WORKFLOW_ID];
  const result = await engine.execute({
    serviceId,
    workflowId,
    service: execService(component, world, trigger),
    action: { config: { serviceId, workflowId, trigger }, data },
    invocation,
    chains,
    listsHostCalls: options.calls,
  }, modules.signal);
  return { digest, world, call: invocation.kind, ending: endingOf(result, data), cost: result.report };
}

function chainsOf({ chains, home }: ExecOptions): readonly ChainConfig[] {
  return home === undefined ? chains : [...loadConfig({ args: ["--home", home] }).config.chains, ...chains];
}

/** Finds out what world a component is for by what it exports. */
async function prepareInItsWorld(engine: Engine, component: Component): Promise<World> {
  try {
    await engine.prepare(component, "operator");
    return "operator";
  } catch (error) {
    if (!isWavsError(error, "component_export_missing")) throw inWordsOfOptions(error);
  }
  try {
    await engine.prepare(component, "aggregator");
    return "aggregator";
  } catch (error) {
    throw isWavsError(error, "component_export_missing") ? noWorld(error) : inWordsOfOptions(error);
  }
}

function noWorld(cause: unknown): WavsError {
  return new WavsError("component_export_missing", {
    message: 'The component exports neither "run" nor the three functions of an aggregator; ' +
      "build it against the operator or the aggregator world",
    retryable: false,
    cause,
  });
}

/** A permission that is missing is given by an option here, not by a service definition. */
function inWordsOfOptions(error: unknown): unknown {
  if (!isWavsError(error, "component_import_denied")) return error;
  return new WavsError(error.code, {
    message: `The component imports "${error.meta.import}", but may ask no HTTP host; give --allow-http HOST`,
    retryable: false,
    meta: error.meta,
  });
}

interface ExecInput {
  readonly invocation: Invocation;
  readonly simulated: SimulatedTrigger;
}

async function readInput(options: ExecOptions, world: World): Promise<ExecInput> {
  const nowMs = Date.now();
  if (world === "operator") {
    return { invocation: { kind: "run" }, simulated: await readOperatorInput(options, nowMs) };
  }
  const { response, ...simulated } = await readAggregatorInput(options, nowMs);
  const { eventId } = identified(response, simulated.data);
  const invocation: Invocation = options.call === "handle-submit-callback"
    ? { kind: options.call, response, eventId, result: options.txResult }
    : { kind: options.call, response, eventId };
  return { invocation, simulated };
}

/** What an execution that succeeded wrote is kept, as a node keeps it. */
function endingOf(result: ExecutionResult, data: TriggerData): ExecEnding {
  using writes = result.writes;
  if (!result.ok) return { kind: "failed", error: result.error };
  writes.store();
  if (result.outcome.kind !== "responses") return result.outcome;
  return { kind: "responses", responses: result.outcome.responses.map((response) => identified(response, data)) };
}

function identified(response: WasmResponse, data: TriggerData): IdentifiedResponse {
  const salt = eventSalt(data, response.eventIdSalt);
  return { ...response, eventId: eventIdOf({ serviceId: EXEC_SERVICE_ID, workflowId: DEFAULT_WORKFLOW_ID, salt }) };
}
