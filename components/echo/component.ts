/**
 * Returns the data it is given, with switches that make it the workhorse of tests (spec/engine.md 6.3).
 *
 * @module
 */
import {
  configVar,
  type DecodedTrigger,
  decodeTrigger,
  decodeUtf8,
  encodeText,
  encodeWithId,
  getEventId,
  operator,
  trap,
  type TriggerData,
  type WasmResponse,
} from "../wavs/mod.ts";
import { envVar } from "../wavs/environment.ts";
import { sleepAsConfigured } from "./sleep.ts";

export const run = operator((action) => {
  sleepAsConfigured();
  getEventId();
  const trigger = decodeTrigger(action.data);
  if (trigger === undefined) throw new Error("expected trigger data");
  return respond(action.data, trigger);
});

function respond(source: TriggerData, trigger: DecodedTrigger): WasmResponse[] {
  const text = decodeUtf8(trigger.data) ?? "";
  const empty = new Uint8Array();
  switch (text) {
    case "custom-event-id":
      return [{ payload: empty, eventIdSalt: configuredSalt("event-id-salt") }];
    case "multi-response":
      return [
        { payload: empty, eventIdSalt: configuredSalt("event-id-salt-1") },
        { payload: empty, eventIdSalt: configuredSalt("event-id-salt-2") },
      ];
    case "multi-response-bad":
      return [{ payload: empty, eventIdSalt: configuredSalt("event-id-salt-1") }, { payload: empty }];
    default: {
      const data = lookUp(text) ?? trigger.data;
      return [{ payload: source.tag === "raw" ? data : encodeWithId(trigger.triggerId, data) }];
    }
  }
}

/** The variable the text asks for, or `undefined` when it asks for none. */
function lookUp(text: string): Uint8Array | undefined {
  const [, envName] = text.split("envvar:");
  if (envName !== undefined) return encodeText(envVar(envName) ?? absent(`env var ${envName}`));
  const [, configName] = text.split("configvar:");
  if (configName !== undefined) return encodeText(configVar(configName) ?? absent(`config var ${configName}`));
  return undefined;
}

function absent(what: string): never {
  throw new Error(`${what} not found`);
}

function configuredSalt(key: string): Uint8Array {
  return encodeText(configVar(key) ?? trap(`config var ${key} is missing`));
}
