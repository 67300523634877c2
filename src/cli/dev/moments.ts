import type { Journal, JournalChange } from "@/journal/mod.ts";

/** A step worth a line in the demo; the others are between them. */
export interface Moment {
  readonly label: string;
  readonly detail: string;
}

/** What a committed change is to somebody who watches. */
export function momentOf(change: JournalChange, journal: Journal): Moment | undefined {
  switch (change.subject) {
    case "event":
      return ofEvent(change, journal);
    case "submission":
      return ofSubmission(change, journal);
    case "action":
      return ofAction(change, journal);
    case "transaction":
      return { label: "submitting", detail: `transaction ${change.hash}` };
    case "peer_signature":
      return { label: "received", detail: `a signature by ${change.signer}` };
    case "uri_change":
      return undefined;
  }
}

function ofEvent(change: Extract<JournalChange, { subject: "event" }>, journal: Journal): Moment | undefined {
  if (change.reason !== undefined) return { label: change.state, detail: change.reason };
  const { data } = journal.events.get(change.eventRow).action;
  if (change.state === "detected" && data.kind === "EvmContractEvent") {
    return { label: "detected", detail: `block ${data.blockNumber}, log ${data.logIndex} of ${data.contractAddress}` };
  }
  if (change.state !== "executed") return undefined;
  const execution = journal.events.lastExecution(change.eventRow);
  const cost = execution === undefined ? "" : `, fuel ${execution.fuelUsed}, ${execution.elapsedMs.toFixed(1)} ms`;
  return { label: "executed", detail: `the component in its sandbox${cost}` };
}

function ofSubmission(change: Extract<JournalChange, { subject: "submission" }>, journal: Journal): Moment | undefined {
  if (change.reason !== undefined) {
    return { label: change.state === "signed" ? "waiting" : change.state, detail: change.reason };
  }
  const submission = journal.submissions.get(change.submissionId);
  if (change.state === "signed") {
    return { label: "signed", detail: `event ${submission.eventId} by ${submission.signer}` };
  }
  return change.state === "quorum"
    ? { label: "quorum", detail: "the service manager accepts the signatures" }
    : undefined;
}

function ofAction(change: Extract<JournalChange, { subject: "action" }>, journal: Journal): Moment | undefined {
  const { actionId, state, txHash, reason } = change;
  if (state === "submitted" && txHash !== undefined) {
    const isOwn = journal.actions.transactionsOf(actionId).some(({ hash }) => hash === txHash);
    return { label: isOwn ? "landed" : "seen", detail: isOwn ? `by this transaction` : `on chain by ${txHash}` };
  }
  return reason === undefined ? undefined : { label: state, detail: reason };
}
