import type { LogFields, Logger } from "@/context/mod.ts";
import type { ExecutionReport } from "@/engine/types.ts";

/** Writes what a component said to the node's log, tagged so that it cannot pass for the node's own words. */
export function logGuest(log: Logger, report: ExecutionReport, fields: LogFields): void {
  const component = log.child("component");
  for (const line of report.logs) component[line.level](line.message, { ...fields, stream: line.stream });
  if (report.droppedLogs > 0) {
    component.warn("The component logged more than is kept", { ...fields, dropped: report.droppedLogs });
  }
}
