import { backoffMs } from "@/context/mod.ts";
import { eventIdOf, eventSalt, serializeError, type Service, type ServiceId, type WorkflowId } from "@/domain/mod.ts";
import type { ExecutionOutcome, ExecutionResult, KeyValueWrites } from "@/engine/types.ts";
import type { EventRow } from "@/journal/mod.ts";
import { EXECUTION_BACKOFF, MAX_EXECUTIONS_PER_SERVICE, MAX_EXECUTIONS_PER_WORKFLOW } from "./limits.ts";
import { logGuest } from "./guest_log.ts";
import { afterFailedExecution } from "./retry.ts";
import { Rotation } from "./rotation.ts";
import type { DispatcherModules } from "./types.ts";

/** The step from `detected` to `executed`: runs operator components, fairly across services. */
export class Executions {
  readonly #modules: DispatcherModules;
  readonly #rotation = new Rotation<ServiceId>();

  constructor(modules: DispatcherModules) {
    this.#modules = modules;
  }

  /** The events whose turn it is, marked as executing. */
  take(room: number, busy: readonly EventRow[]): EventRow[] {
    const { journal, context } = this.#modules;
    const taken: EventRow[] = [];
    const now = context.clock.now();
    let progress = true;
    while (progress && taken.length < room) {
      progress = false;
      for (const serviceId of this.#rotation.order(journal.events.dueServices(now))) {
        if (taken.length >= room) break;
        const event = this.#oldest(serviceId, now, [...busy, ...taken]);
        if (event === undefined) continue;
        journal.beginExecution(event.id);
        this.#rotation.served(serviceId);
        taken.push(event);
        progress = true;
      }
    }
    return taken;
  }

  async run(event: EventRow): Promise<void> {
    const { journal, engine, services, context } = this.#modules;
    const registered = services.get(event.serviceId);
    const obstacle = skipReason(registered?.service, event.workflowId);
    if (registered === undefined || obstacle !== undefined) {
      journal.endEvent(event.id, { state: "skipped", reason: obstacle ?? "its service is not registered" });
      return;
    }
    let result: ExecutionResult;
    try {
      result = await engine.execute({
        serviceId: event.serviceId,
        service: registered.service,
        workflowId: event.workflowId,
        action: event.action,
        invocation: { kind: "run" },
        chains: services.chains(),
      }, context.signal);
    } catch (error) {
      this.#retryLater(event, serializeError(error).message);
      return;
    }
    using writes = result.writes;
    logGuest(context.log, result.report, { service: event.serviceId, workflow: event.workflowId, event: event.id });
    journal.events.recordExecution({
      eventRow: event.id,
      invocation: "run",
      report: result.report,
      error: result.ok ? undefined : result.error.message,
    }, context.clock.now());
    if (result.ok) this.#accept(event, registered.service, { outcome: result.outcome, writes });
    else this.#fail(event, result.error);
  }

  /** The oldest event of a service that has not used up its share; busy workflows are passed over. */
  #oldest(serviceId: ServiceId, now: number, busy: readonly EventRow[]): EventRow | undefined {
    const own = busy.filter((event) => event.serviceId === serviceId);
    if (own.length >= MAX_EXECUTIONS_PER_SERVICE) return undefined;
    const perWorkflow = Map.groupBy(own, (event) => event.workflowId);
    const full = [...perWorkflow].filter(([, events]) => events.length >= MAX_EXECUTIONS_PER_WORKFLOW);
    return this.#modules.journal.events.oldestDue(serviceId, now, full.map(([workflowId]) => workflowId));
  }

  /** Stores responses and key-values in one transaction, so that no crash can keep the one without the other. */
  #accept(
    event: EventRow,
    service: Service,
    { outcome, writes }: { readonly outcome: ExecutionOutcome; readonly writes: KeyValueWrites },
  ): void {
    if (outcome.kind !== "responses") throw new Error(`run answered "${outcome.kind}"`);
    const submit = service.workflows.get(event.workflowId)?.submit;
    // spec/wire.md 2.4: with `submit: none` the execution itself was the point.
    const responses = submit?.kind === "aggregator" ? outcome.responses : [];
    this.#modules.journal.recordResponses(
      event.id,
      responses.map((response) => ({
        response,
        eventId: eventIdOf({
          serviceId: event.serviceId,
          workflowId: event.workflowId,
          salt: eventSalt(event.action.data, response.eventIdSalt),
        }),
      })),
      writes,
    );
  }

  #fail(event: EventRow, error: Extract<ExecutionResult, { ok: false }>["error"]): void {
    const { journal, context } = this.#modules;
    const decision = afterFailedExecution(error, event.attempts, context.random);
    const fields = { service: event.serviceId, workflow: event.workflowId, event: event.id, reason: error.message };
    if (decision.kind === "retry") {
      context.log.warn("Execution failed, it is tried again", { ...fields, delayMs: decision.delayMs });
      journal.retryExecution(event.id, error.message, context.clock.now() + decision.delayMs);
    } else {
      context.log.error("Execution failed for good, the trigger is a dead letter", fields);
      journal.endEvent(event.id, { state: "dead", reason: decision.reason });
    }
  }

  /** The engine itself failed; that says nothing about the trigger, so it is never given up. */
  #retryLater(event: EventRow, reason: string): void {
    const { journal, context } = this.#modules;
    if (context.signal.aborted) return;
    context.log.warn("Execution was interrupted, it is tried again", { event: event.id, reason });
    const delayMs = backoffMs(EXECUTION_BACKOFF, event.attempts + 1, context.random);
    journal.retryExecution(event.id, reason, context.clock.now() + delayMs);
  }
}

function skipReason(service: Service | undefined, workflowId: WorkflowId): string | undefined {
  if (service === undefined) return "its service is not registered";
  if (service.status === "paused") return "its service is paused";
  if (!service.workflows.has(workflowId)) return `its service no longer has a workflow "${workflowId}"`;
  return undefined;
}
