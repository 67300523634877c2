import type { Journal, JournalChange } from "@/journal/mod.ts";
import { printMoment, type Terminal } from "../terminal.ts";

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
    const moment = describe(change, journal);
    if (moment !== undefined) printMoment(this.#terminal, { ...moment, atMs: this.elapsedMs });
    if (change.subject !== "event") return;
    if (change.state === "final") this.#ended.resolve({ ok: true, reason: undefined });
    if (change.state === "dead" || change.state === "skipped" || change.state === "orphaned") {
      this.#ended.resolve({ ok: false, reason: `${change.state}: ${change.reason ?? "no reason given"}` });
    }
  }
}

/** The steps worth a line; the others are between them. */
function describe(change: JournalChange, journal: Journal): { label: string; detail: string } | undefined {
  switch (change.subject) {
    case "event":
      return describeEvent(change, journal);
    case "submission":
      return describeSubmission(change, journal);
    case "action":
      if (change.state === "submitting") return { label: "submitting", detail: "transaction to the handler" };
      if (change.state === "submitted") return { label: "submitted", detail: change.txHash ?? change.reason ?? "" };
      return change.reason === undefined ? undefined : { label: change.state, detail: change.reason };
    case "peer_signature":
      return { label: "received", detail: `signature of ${change.signer}` };
    case "uri_change":
      return undefined;
  }
}

function describeEvent(
  change: Extract<JournalChange, { subject: "event" }>,
  journal: Journal,
): { label: string; detail: string } | undefined {
  if (change.reason !== undefined) return { label: change.state, detail: change.reason };
  const { data } = journal.events.get(change.eventRow).action;
  if (change.state === "detected" && data.kind === "EvmContractEvent") {
    return { label: "detected", detail: `block ${data.blockNumber}, log ${data.logIndex} of ${data.contractAddress}` };
  }
  if (change.state !== "executed") return undefined;
  const execution = journal.events.lastExecution(change.eventRow);
  const cost = execution === undefined ? "" : `, fuel ${execution.fuelUsed}, ${execution.elapsedMs.toFixed(1)} ms`;
  return { label: "executed", detail: `square.wasm in its sandbox${cost}` };
}

function describeSubmission(
  change: Extract<JournalChange, { subject: "submission" }>,
  journal: Journal,
): { label: string; detail: string } | undefined {
  if (change.reason !== undefined) return { label: `${change.state}?`, detail: change.reason };
  const submission = journal.submissions.get(change.submissionId);
  if (change.state === "signed") {
    return { label: "signed", detail: `event ${submission.eventId} by ${submission.signer}` };
  }
  return change.state === "quorum"
    ? { label: "quorum", detail: "the service manager accepts the signature" }
    : undefined;
}
