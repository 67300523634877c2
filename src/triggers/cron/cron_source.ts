import { childContext, type Context } from "@/context/mod.ts";
import { serializeError } from "@/domain/errors.ts";
import { type TimestampNs, timestampNs } from "@/domain/ids.ts";
import type { RegistrySnapshot } from "@/domain/registry.ts";
import { MAX_EVENTS_PER_BATCH } from "../limits.ts";
import { afterMissed, type MissedPolicy } from "../missed.ts";
import { Takeover } from "../takeover.ts";
import type {
  Cursor,
  DetectedEvent,
  SourceBatch,
  SourceHealth,
  SourceName,
  TriggerIdentity,
  TriggerSource,
} from "../types.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { CURSOR_INTERVAL_MS, LATE_MS, MAX_SLEEP_MS } from "./limits.ts";
import { type CronFire, type CronWorkflow, Timetable, workflowKey } from "./timetable.ts";

const NS_PER_MS = 1_000_000n;

/** There is one clock for all services. */
export const CRON_SOURCE = "cron" as SourceName;

export interface CronSourceOptions {
  readonly missed: MissedPolicy;
}

export interface CronSourceModules {
  readonly context: Context;
}

/**
 * The clock: one source for the `cron` triggers of all services (spec/network.md 1.5).
 *
 * An instant is handed over once, whatever the clock does: time that was read through is never read again, so a clock
 * that is set back fires nothing twice, and one that is set forward, or a node that was down, makes up for what it passed
 * as the policy for missed occurrences says. The data carries the scheduled time, never the time of the tick.
 */
export function createCronSource(options: CronSourceOptions, modules: CronSourceModules): TriggerSource {
  return new ClockSource(options, childContext(modules.context, "cron"));
}

class ClockSource implements TriggerSource {
  readonly name = CRON_SOURCE;
  readonly #missed: MissedPolicy;
  readonly #context: Context;
  readonly #closing = new AbortController();
  #timetable = new Timetable();
  readonly #takeover = new Takeover<readonly CronWorkflow[]>([]);
  #isRunning = false;

  constructor({ missed }: CronSourceOptions, context: Context) {
    this.#missed = missed;
    this.#context = context;
  }

  async *batches(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    const { clock } = this.#context;
    const position = from === undefined ? undefined : decodeCursor(from);
    const known = new Set(position?.known);
    let at = position?.at ?? this.#now();
    let storedAtMs = -Infinity;
    // A new one for each run: what a run took and could not hand over is due again in the next.
    this.#timetable = new Timetable();
    this.#isRunning = true;
    while (!ending.aborted) {
      const { watched, settle } = this.#takeover.take();
      const hasChanged = this.#takeOver(watched, (key) => known.has(key) ? at : this.#now());
      const now = this.#now();
      const fires = this.#due(now);
      if (now > at) at = now;
      if (hasChanged || fires.length > 0 || clock.monotonic() - storedAtMs >= CURSOR_INTERVAL_MS) {
        yield* this.#batchesOf(fires, at);
        storedAtMs = clock.monotonic();
      }
      for (const key of this.#timetable.keys()) known.add(key);
      settle();
      await this.#sleep(ending);
    }
    this.#isRunning = false;
    this.#takeover.release();
  }

  /** Resolves once the new triggers are in the stored cursor: from then on no restart makes them begin anew. */
  watch({ services }: RegistrySnapshot): Promise<void> {
    return this.#takeover.announce(
      services.flatMap(({ serviceId, workflows }) =>
        workflows.flatMap(({ workflowId, trigger }) =>
          trigger.kind === "cron" ? [{ serviceId, workflowId, trigger }] : []
        )
      ),
    );
  }

  health(): SourceHealth {
    return {
      source: this.name,
      connected: this.#isRunning,
      endpoint: undefined,
      blocks: undefined,
      lagMs: undefined,
      lastError: undefined,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#takeover.close();
    return Promise.resolve();
  }

  /** @returns whether what is watched has changed */
  #takeOver(watched: readonly CronWorkflow[], from: (key: string) => TimestampNs): boolean {
    const before = this.#timetable.keys();
    for (const { workflow, error } of this.#timetable.watch(watched, from)) {
      // It was checked when its service was registered; whatever got it here, the others go on.
      this.#context.log.error("Cron trigger is not watched", {
        service: workflow.serviceId,
        workflow: workflow.workflowId,
        cause: serializeError(error),
      });
    }
    const after = this.#timetable.keys();
    return before.length !== after.length || after.some((key, index) => key !== before[index]);
  }

  #due(now: TimestampNs): readonly CronFire[] {
    const { fires, givenUp } = this.#timetable.takeDue(now);
    for (const { serviceId, workflowId } of givenUp) {
      this.#context.log.warn("Too many missed times, the oldest are given up", {
        service: serviceId,
        workflow: workflowId,
      });
    }
    const lateBefore = now - BigInt(LATE_MS) * NS_PER_MS;
    return [...Map.groupBy(fires, ({ workflow }) => workflowKey(workflow)).values()].flatMap((own) => {
      const missed = own.filter(({ at }) => at < lateBefore).length;
      return afterMissed(own, missed, this.#missed);
    }).sort((left, right) => Number(left.at - right.at));
  }

  /** Until the last batch the cursor stands right before what is still to come. */
  *#batchesOf(fires: readonly CronFire[], at: TimestampNs): Generator<SourceBatch> {
    const known = this.#timetable.keys();
    const detectedAtMs = this.#context.clock.now();
    for (let start = 0; start === 0 || start < fires.length; start += MAX_EVENTS_PER_BATCH) {
      const end = start + MAX_EVENTS_PER_BATCH;
      const upcoming = fires[end]?.at;
      yield {
        source: this.name,
        cursor: encodeCursor({ at: upcoming === undefined ? at : timestampNs(upcoming - 1n), known }),
        events: fires.slice(start, end).map((fire) => eventOf(fire, detectedAtMs)),
        uriChanges: [],
        orphanedBlocks: [],
      };
    }
  }

  async #sleep(ending: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const next = this.#timetable.next();
    const untilNextMs = next === undefined ? MAX_SLEEP_MS : Number((next - this.#now()) / NS_PER_MS) + 1;
    const delayMs = Math.max(0, Math.min(MAX_SLEEP_MS, untilNextMs));
    await clock.sleep(delayMs, AbortSignal.any([ending, this.#takeover.woken]));
  }

  #now(): TimestampNs {
    return timestampNs(BigInt(Math.trunc(this.#context.clock.now())) * NS_PER_MS);
  }
}

function eventOf({ workflow, at }: CronFire, detectedAtMs: number): DetectedEvent {
  return {
    ...workflow,
    data: { kind: "Cron", triggerTime: at },
    identity: `cron/${at}` as TriggerIdentity,
    block: undefined,
    detectedAtMs,
  };
}
