import { encodeAggregatorAction, encodeWasmResponse, jsonObject, type JsonValue } from "@/domain/mod.ts";
import { printableText } from "./printable_text.ts";
import type { ExecReport, IdentifiedResponse } from "./types.ts";

/** The report for programs, one object. */
export function encodeReport({ digest, world, call, ending, cost }: ExecReport): JsonValue {
  return jsonObject({
    digest,
    world,
    call,
    ok: ending.kind !== "failed",
    ...(ending.kind === "responses" ? { responses: ending.responses.map(encodeIdentified) } : {}),
    ...(ending.kind === "actions" ? { actions: ending.actions.map(encodeAggregatorAction) } : {}),
    ...(ending.kind === "failed"
      ? { error: jsonObject({ code: ending.error.code, message: ending.error.message }) }
      : {}),
    logs: cost.logs.map(({ level, stream, message }) => jsonObject({ level, stream, message })),
    dropped_logs: BigInt(cost.droppedLogs),
    refusals: jsonObject(Object.fromEntries([...cost.refusals].map(([kind, count]) => [kind, BigInt(count)]))),
    ...(cost.hostCalls === undefined ? {} : { calls: cost.hostCalls }),
    fuel_used: cost.fuelUsed,
    elapsed_ms: Math.round(cost.elapsedMs * 1000) / 1000,
  });
}

function encodeIdentified(response: IdentifiedResponse): JsonValue {
  const { payload, ...rest } = response;
  return new Map([
    ["event_id", response.eventId as JsonValue],
    ...encodeWasmResponse({ payload, ...rest }) as ReadonlyMap<string, JsonValue>,
    ["text", printableText(payload) ?? null],
  ]);
}

/** What `--output` keeps, in the reference's form (spec/wire.md 7.2). */
export function encodeOutput({ ending, cost }: ExecReport): JsonValue {
  switch (ending.kind) {
    case "responses":
      return ending.responses.map(encodeWasmResponse);
    case "actions":
      return jsonObject({
        Packet: jsonObject({
          actions: ending.actions.map(encodeAggregatorAction),
          fuel_used: cost.fuelUsed,
          time_elapsed: BigInt(Math.round(cost.elapsedMs)),
        }),
      });
    case "done":
    case "failed":
      return null;
  }
}
