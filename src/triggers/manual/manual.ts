import { WavsError } from "@/domain/errors.ts";
import type { ServiceId, WorkflowId } from "@/domain/ids.ts";
import type { Trigger, TriggerData } from "@/domain/trigger.ts";
import { MAX_MANUAL_EVENTS } from "../limits.ts";
import type { DetectedEvent, TriggerIdentity } from "../types.ts";

export interface ManualTrigger {
  readonly serviceId: ServiceId;
  readonly workflowId: WorkflowId;
  /** Carried along; whether it is the workflow's own is not checked (spec/wire.md 5.3, `POST /dev/triggers`). */
  readonly trigger: Trigger;
  readonly data: TriggerData;
  /** How many times it fires. */
  readonly count: number;
  /** Unique for each request: asking twice fires twice. */
  readonly nonce: string;
  /** Milliseconds since the Unix epoch. */
  readonly detectedAtMs: number;
}

/**
 * The events of a trigger pulled by hand.
 *
 * @throws WavsError `too_many_manual_triggers`
 */
export function manualEvents(request: ManualTrigger): readonly DetectedEvent[] {
  const { serviceId, workflowId, trigger, data, count, nonce, detectedAtMs } = request;
  if (count > MAX_MANUAL_EVENTS) {
    throw new WavsError("too_many_manual_triggers", {
      message:
        `Cannot fire a trigger "${count}" times at once because "${MAX_MANUAL_EVENTS}" is the most; ask in portions`,
      retryable: false,
      meta: { count },
    });
  }
  return Array.from({ length: count }, (_, index) => ({
    serviceId,
    workflowId,
    trigger,
    data,
    identity: `manual/${nonce}/${index}` as TriggerIdentity,
    block: undefined,
    detectedAtMs,
  }));
}
