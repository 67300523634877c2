/** A sample component on an engine of its own, and what it answers. */
import assert from "node:assert/strict";
import { decodeDataWithId } from "@/cli/exec/data_with_id.ts";
import type { Service } from "@/domain/mod.ts";
import type { Engine, ExecutionResult } from "@/engine/mod.ts";
import { serviceOf, type ServiceShape, startEngine, uploadSamples } from "./engine.ts";

export interface Sample extends AsyncDisposable {
  readonly engine: Engine;
  readonly dataDirectory: string;
  /** Digest of the component, 64 hex digits. */
  readonly digest: string;
  readonly service: Service;
}

/** Builds a sample when it is out of date, and starts a real engine with it and a service of this shape. */
export async function startSample(name: string, shape: Omit<ServiceShape, "operator"> = {}): Promise<Sample> {
  const { engine, dataDirectory, [Symbol.asyncDispose]: dispose } = await startEngine();
  try {
    const [digest = ""] = await uploadSamples(engine, name);
    return {
      engine,
      dataDirectory,
      digest,
      service: serviceOf({ operator: digest, ...shape }),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** An answer as the sample contracts read it: the trigger's id and text. */
export type Answer = readonly [triggerId: bigint, text: string];

/** The answers of an execution that succeeded. */
export function answersOf(result: ExecutionResult): Answer[] {
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  assert.equal(result.outcome.kind, "responses");
  if (result.outcome.kind !== "responses") return [];
  return result.outcome.responses.map(({ payload }) => {
    const answer = decodeDataWithId(payload);
    assert.ok(answer, "the payload is a DataWithId");
    return [answer.triggerId, new TextDecoder().decode(answer.data)];
  });
}

/** The error text the component returned. */
export function errorOf(result: ExecutionResult): string {
  assert.ok(!result.ok, "the execution should have failed");
  assert.equal(result.error.code, "guest_error");
  return result.error.message.replace(/^Wasm exec result: /, "");
}
