import { type AggregatorAction, bytesToHex, encodeAggregatorAction, printJson } from "@/domain/mod.ts";
import type { ExecutionReport } from "@/engine/mod.ts";
import { type Style, styled, type Terminal } from "../terminal.ts";
import { decodeDataWithId } from "./data_with_id.ts";
import { printableText } from "./printable_text.ts";
import type { ExecReport, IdentifiedResponse } from "./types.ts";

const LABEL_WIDTH = 10;

/** Hex digits of a payload that are shown; the whole of it is in `--json` and `--output`. */
const MAX_SHOWN_HEX_CHARS = 2_048;

/** Prints a report for people. Why an execution failed is for the caller to say. */
export function printReport(terminal: Terminal, { digest, world, call, ending, cost }: ExecReport): void {
  const row = (label: string, text: string) =>
    terminal.line(`  ${styled(terminal, "dim", label.padEnd(LABEL_WIDTH))}${text}`);
  switch (ending.kind) {
    case "responses":
      terminal.line(styled(terminal, "bold", counted(ending.responses.length, "response")));
      for (const response of ending.responses) printResponse(row, response);
      break;
    case "actions":
      terminal.line(styled(terminal, "bold", counted(ending.actions.length, "action")));
      for (const action of ending.actions) row(action.kind, describeAction(action));
      break;
    case "done":
      terminal.line(styled(terminal, "green", "done"));
      break;
    case "failed":
      terminal.line(styled(terminal, "red", `failed: ${ending.error.code}`));
  }
  printLogs(terminal, cost);
  if (cost.hostCalls !== undefined) printCalls(terminal, cost.hostCalls);
  terminal.line(styled(terminal, "bold", "execution"));
  row("fuel", String(cost.fuelUsed));
  row("elapsed", `${cost.elapsedMs.toFixed(1)} ms`);
  row("component", `${digest} (${world}, ${call})`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function printResponse(row: (label: string, text: string) => void, response: IdentifiedResponse): void {
  const { eventId, payload, ordering, eventIdSalt } = response;
  row("event id", eventId);
  row("payload", `${shortened(bytesToHex(payload))} (${counted(payload.length, "byte")})`);
  const text = printableText(payload);
  if (text !== undefined) row("text", shortened(text));
  const answer = decodeDataWithId(payload);
  if (answer !== undefined) {
    row("trigger", `${answer.triggerId}: ${shortened(printableText(answer.data) ?? bytesToHex(answer.data))}`);
  }
  if (ordering !== undefined) row("ordering", String(ordering));
  if (eventIdSalt !== undefined) row("salt", shortened(bytesToHex(eventIdSalt)));
}

function shortened(text: string): string {
  return text.length > MAX_SHOWN_HEX_CHARS ? `${text.slice(0, MAX_SHOWN_HEX_CHARS)}…` : text;
}

function describeAction(action: AggregatorAction): string {
  return action.kind === "timer" ? `in ${action.delaySeconds} s` : printJson(encodeAggregatorAction(action));
}

function printCalls(terminal: Terminal, calls: readonly string[]): void {
  terminal.line(styled(terminal, "bold", `${counted(calls.length, "function")} called`));
  for (const call of calls) terminal.line(`  ${call}`);
}

function printLogs(terminal: Terminal, { logs, droppedLogs }: ExecutionReport): void {
  if (logs.length === 0) return;
  terminal.line(styled(terminal, "bold", "log"));
  for (const { level, stream, message } of logs) {
    const source = stream === "log" ? level : `${level} (${stream})`;
    terminal.line(`  ${styled(terminal, LEVEL_STYLES[level], source.padEnd(LABEL_WIDTH))}${message}`);
  }
  if (droppedLogs > 0) terminal.line(`  ${counted(droppedLogs, "more line")} did not fit`);
}

const LEVEL_STYLES: Readonly<Record<ExecutionReport["logs"][number]["level"], Style>> = {
  error: "red",
  warn: "bold",
  info: "cyan",
  debug: "dim",
  trace: "dim",
};
