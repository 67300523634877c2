import { isWavsError, serializeError } from "@/domain/mod.ts";
import { type ActionRow, type EventRow, type LostLanding, MAX_SWEPT_ROWS, type SubmissionRow } from "@/journal/mod.ts";
import { Actions } from "./actions.ts";
import { Executions } from "./executions.ts";
import { Landings } from "./landings.ts";
import { Lane } from "./lane.ts";
import {
  DRAIN_TIMEOUT_MS,
  MAX_ACTIONS,
  MAX_EXECUTIONS,
  MAX_IDLE_MS,
  MAX_LOST_LANDINGS,
  MAX_PUBLICATIONS,
  MAX_SUBMISSIONS,
  SERVED_SIGNATURES_MS,
  SWEEP_INTERVAL_MS,
  UNRECORDED_PAUSE_MS,
} from "./limits.ts";
import { Publications } from "./publications.ts";
import { Submissions } from "./submissions.ts";
import type { DispatcherModules, DispatcherOptions } from "./types.ts";

/** How much is under way, for metrics. */
export interface DispatcherStats {
  readonly executions: number;
  readonly submissions: number;
  readonly actions: number;
  readonly publications: number;
}

/** Moves every journalled item along its road, as far and as fast as it goes. */
export interface Dispatcher extends AsyncDisposable {
  /** Looks for due work now; called whenever something may have become due. */
  wake(): void;
  stats(): DispatcherStats;
}

/**
 * Starts moving work: recovers what a crash cut first.
 *
 * Everything it knows is in the journal, so it can be stopped at any instant; closing waits a little for work under
 * way only to spare it being done again.
 */
export function startDispatcher(options: DispatcherOptions, modules: DispatcherModules): Dispatcher {
  const { journal, context } = modules;
  const { executing } = journal.recover([]);
  if (executing > 0) context.log.info("Taking up executions that were cut", { count: executing });

  const executions = new Executions(modules);
  const submissions = new Submissions(options, modules);
  const actions = new Actions(options, modules, submissions);
  const landings = new Landings(options, modules, actions);
  const publications = modules.publish === undefined ? undefined : new Publications(options, modules, modules.publish);
  let sweepDueAtMs = 0;
  let timer: AbortController | undefined;
  let scheduled = false;
  /** Whether rows may say "executing" of what nobody works on any more. */
  let isCut = false;
  const closing = new AbortController();
  // Work that the shutdown cut stays due: taken up again at once and cut again at once, it would let nothing else run.
  const closed = AbortSignal.any([closing.signal, context.signal]);

  const failed = async (item: { readonly id: number }, error: unknown) => {
    if (isWavsError(error, "journal_conflict")) {
      // The item was withdrawn by a reorg while it was worked on: its result is not wanted any more.
      context.log.debug("Work was dropped", { row: item.id, cause: serializeError(error) });
      return;
    }
    context.log.error("A step cannot be recorded, it is taken again", { row: item.id, cause: serializeError(error) });
    await context.clock.sleep(UNRECORDED_PAUSE_MS, closed);
    // Only now: while the item counts as busy, nothing would be found to take up.
    isCut = true;
  };
  const lanes = [
    new Lane<EventRow>({
      limit: MAX_EXECUTIONS,
      take: (room, busy) => executions.take(room, busy),
      work: (event) => executions.run(event),
      failed,
      freed: wake,
    }),
    new Lane<SubmissionRow>({
      limit: MAX_SUBMISSIONS,
      take: (room, busy) => submissions.take(room, busy),
      work: (submission) => submissions.run(submission),
      failed,
      freed: wake,
    }),
    new Lane<ActionRow>({
      limit: MAX_ACTIONS,
      take: (room, busy) => actions.take(room, busy),
      work: (action) => actions.run(action),
      failed,
      freed: wake,
    }),
    new Lane<LostLanding>({
      limit: MAX_LOST_LANDINGS,
      take: (room, busy) => landings.take(room, busy),
      work: (lost) => landings.run(lost),
      failed,
      freed: wake,
    }),
    new Lane<SubmissionRow>({
      limit: MAX_PUBLICATIONS,
      take: (room, busy) => publications?.take(room, busy) ?? [],
      work: async (submission) => await publications?.run(submission),
      failed,
      freed: wake,
    }),
  ] as const;

  function wake(): void {
    if (scheduled || closed.aborted) return;
    scheduled = true;
    queueMicrotask(pump);
  }

  function pump(): void {
    scheduled = false;
    if (closed.aborted) return;
    try {
      if (isCut) journal.recover(lanes[0].ids());
      isCut = false;
      landings.look(wake);
      for (const lane of lanes) lane.fill();
      sweep();
      wakeAfter(untilDueMs());
    } catch (error) {
      // A full disk, most likely: nothing can be recorded, so nothing may be done. It is tried again soon.
      isCut = true;
      context.log.error("The journal cannot be read or written", { cause: serializeError(error) });
      wakeAfter(UNRECORDED_PAUSE_MS);
    }
  }

  function sweep(): void {
    const now = context.clock.now();
    if (now < sweepDueAtMs) return;
    const expired = now - options.submissionTtlMs;
    const counts = {
      signatures: journal.peerSignatures.sweep({ expired, served: now - SERVED_SIGNATURES_MS }),
      queues: journal.submitQueues.sweep(expired),
    };
    const count = Math.max(counts.signatures, counts.queues);
    if (count > 0) context.log.debug("What has expired was deleted", counts);
    // As many as are deleted in one go: there may be more.
    sweepDueAtMs = now + (count < MAX_SWEPT_ROWS ? SWEEP_INTERVAL_MS : UNRECORDED_PAUSE_MS);
  }

  function untilDueMs(): number {
    const now = context.clock.now();
    const dueAt = [
      ...[journal.events, journal.submissions, journal.actions, landings].map((each) => each.nextDueAt(now)),
      publications?.nextDueAt(now),
    ].filter((due) => due !== undefined);
    return Math.min(MAX_IDLE_MS, ...dueAt.map((due) => due - now));
  }

  function wakeAfter(delayMs: number): void {
    timer?.abort();
    timer = new AbortController();
    const { signal } = timer;
    void context.clock.sleep(delayMs, signal).then(() => {
      if (!signal.aborted) wake();
    });
  }

  const stopObserving = journal.observe(wake);
  wake();

  return {
    wake,
    stats: () => ({
      executions: lanes[0].size,
      submissions: lanes[1].size,
      actions: lanes[2].size,
      publications: lanes[4].size,
    }),
    async [Symbol.asyncDispose]() {
      closing.abort();
      stopObserving();
      timer?.abort();
      const drained = new AbortController();
      await Promise.race([
        Promise.all([...lanes.map((lane) => lane.idle()), landings.idle()]),
        context.clock.sleep(DRAIN_TIMEOUT_MS, drained.signal),
      ]);
      drained.abort();
    },
  };
}
