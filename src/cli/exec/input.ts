import {
  decodeAggregatorInput,
  decodeTrigger,
  decodeWasmResponse,
  hexToBytes,
  isJsonObject,
  jsonObject,
  type JsonValue,
  parseJsonBytes,
  type Trigger,
  type TriggerData,
  utf8Bytes,
  type WasmResponse,
  WavsError,
} from "@/domain/mod.ts";
import { readNamedFile } from "../read_file.ts";
import type { ExecOptions } from "./options.ts";
import { completeTriggerData, triggerOf } from "./simulated_trigger.ts";

/** What happened, and what the workflow was waiting for. */
export interface SimulatedTrigger {
  readonly trigger: Trigger;
  readonly data: TriggerData;
}

/** What a component of the operator world is executed with. @throws WavsError `option_missing`, `invalid_value` */
export async function readOperatorInput(options: ExecOptions, nowMs: number): Promise<SimulatedTrigger> {
  const bytes = options.input === undefined ? undefined : await readBytes(options.input);
  const simulated = await readSimulatedTrigger(options, { nowMs, data: bytes });
  if (simulated !== undefined) return simulated;
  if (bytes !== undefined) return await withTrigger(options, { kind: "Raw", data: bytes });
  throw new WavsError("option_missing", {
    message: "There is nothing to execute the component with; give --input DATA or --simulates-trigger JSON",
    retryable: false,
  });
}

/**
 * What a component of the aggregator world is executed with: the whole input (spec/wire.md 2.6), or an operator's
 * response alone, or nothing. A simulated trigger stands in for that of the input.
 *
 * @throws WavsError `invalid_value`, `invalid_json`
 */
export async function readAggregatorInput(
  options: ExecOptions,
  nowMs: number,
): Promise<SimulatedTrigger & { readonly response: WasmResponse }> {
  const json = options.input === undefined ? jsonObject({}) : await readJson(options.input);
  const simulated = await readSimulatedTrigger(options, { nowMs, data: undefined });
  if (isJsonObject(json) && json.has("trigger_action")) {
    const { triggerAction: { config, data }, operatorResponse: response } = decodeAggregatorInput(json);
    return { response, ...(simulated ?? { trigger: config.trigger, data }) };
  }
  const nothing = { kind: "Raw" as const, data: new Uint8Array() };
  return { response: decodeWasmResponse(json), ...(simulated ?? await withTrigger(options, nothing)) };
}

async function readSimulatedTrigger(
  options: ExecOptions,
  { nowMs, data }: { readonly nowMs: number; readonly data: Uint8Array | undefined },
): Promise<SimulatedTrigger | undefined> {
  if (options.simulatedTrigger === undefined) return undefined;
  return await withTrigger(options, completeTriggerData(await readJson(options.simulatedTrigger), { nowMs, data }));
}

async function withTrigger(options: ExecOptions, data: TriggerData): Promise<SimulatedTrigger> {
  return {
    data,
    trigger: options.trigger === undefined ? triggerOf(data) : decodeTrigger(await readJson(options.trigger)),
  };
}

async function readJson(text: string): Promise<JsonValue> {
  return parseJsonBytes(await readBytes(text));
}

/** `@path` is a file's bytes, `0x…` hex, anything else its own UTF-8 (spec/wire.md 7.2). */
async function readBytes(text: string): Promise<Uint8Array> {
  if (text.startsWith("@")) return await readNamedFile(text.slice(1), "input");
  return text.startsWith("0x") ? hexToBytes(text) : utf8Bytes(text);
}
