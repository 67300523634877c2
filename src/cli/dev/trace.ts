import type { Journal, JournalChange } from "@/journal/mod.ts";
import { printMoment, type Terminal } from "../terminal.ts";
import { momentOf } from "./moments.ts";

/** How one trigger ended. */
export interface TraceEnd {
  readonly ok: boolean;
  readonly reason: string | undefined;
}

/** Follows the triggers of the demo through the journal and prints each step as it is committed. */
export class Trace {
  readonly #terminal: Terminal;
  #startedAt = performance.now();
  #ended = Promise.withResolvers<TraceEnd>();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Begins to count for the next trigger. */
  begin(): void {
    this.#startedAt = performance.now();
    this.#ended = Promise.withResolvers();
  }

  /** Resolves when the trigger is at its end. */
  get ended(): Promise<TraceEnd> {
    return this.#ended.promise;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  observe(change: JournalChange, journal: Journal): void {
    const moment = momentOf(change, journal);
    if (moment !== undefined) printMoment(this.#terminal, { ...moment, atMs: this.elapsedMs });
    if (change.subject !== "event") return;
    if (change.state === "final") this.#ended.resolve({ ok: true, reason: undefined });
    if (change.state === "dead" || change.state === "skipped" || change.state === "orphaned") {
      this.#ended.resolve({ ok: false, reason: `${change.state}: ${change.reason ?? "no reason given"}` });
    }
  }
}
