import type { Context } from "@/context/mod.ts";
import { type ServiceId, WavsError } from "@/domain/mod.ts";
import type { ManualTriggerRequest, ManualTriggerResult } from "@/http/mod.ts";
import type { Journal } from "@/journal/mod.ts";
import type { ServiceRegistry } from "@/services/types.ts";
import { manualEvents } from "@/triggers/mod.ts";

/** How long a caller of `/dev/triggers` waits for its executions; they go on after that. */
const MANUAL_WAIT_MS = 30_000;

export interface ManualTriggerModules {
  readonly context: Context;
  readonly journal: Journal;
  readonly services: Pick<ServiceRegistry, "get">;
}

/** Puts triggers in by hand and, if asked to, waits until the component has run for each. */
export function createManualTriggers(
  { context, journal, services }: ManualTriggerModules,
): (request: ManualTriggerRequest, wait: boolean) => Promise<readonly ManualTriggerResult[] | undefined> {
  return async (request, wait) => {
    requireWorkflow(request, services);
    const events = manualEvents({ ...request, nonce: crypto.randomUUID(), detectedAtMs: context.clock.now() });
    const open = new Set<number>();
    const done = Promise.withResolvers<void>();
    const stop = journal.observe((change) => {
      if (change.subject !== "event" || change.state === "detected" || change.state === "executing") return;
      if (open.delete(change.eventRow) && open.size === 0) done.resolve();
    });
    try {
      const rows = journal.recordEvents(events);
      if (!wait) return undefined;
      for (const row of rows) open.add(row);
      if (open.size > 0) await withinWait(done.promise, open, context);
      return rows.map((row) => resultOf(row, journal));
    } finally {
      stop();
    }
  };
}

function resultOf(row: number, { events, submissions }: Journal): ManualTriggerResult {
  const { state, reason } = events.get(row);
  const responses = submissions.ofEvent(row).map(({ eventId, response }) => ({ eventId, response }));
  return { state, reason, responses };
}

async function withinWait(done: Promise<void>, open: ReadonlySet<number>, { clock }: Context): Promise<void> {
  const waited = new AbortController();
  const late = clock.sleep(MANUAL_WAIT_MS, waited.signal).then(() => {
    if (waited.signal.aborted) return;
    throw new WavsError("trigger_wait_timeout", {
      message: `${open.size} of the triggers are not executed after ${MANUAL_WAIT_MS / 1000} s; they go on`,
      retryable: true,
    });
  });
  try {
    await Promise.race([done, late]);
  } finally {
    waited.abort();
  }
}

function requireWorkflow(
  { serviceId, workflowId }: { readonly serviceId: ServiceId; readonly workflowId: string },
  services: Pick<ServiceRegistry, "get">,
): void {
  const workflows = services.get(serviceId)?.service.workflows;
  if (workflows !== undefined && [...workflows.keys()].some((id) => id === workflowId)) return;
  throw new WavsError("service_unknown", {
    message: `There is no service ${serviceId} with a workflow "${workflowId}"`,
    retryable: false,
  });
}
