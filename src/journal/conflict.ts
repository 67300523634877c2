import { WavsError } from "@/domain/mod.ts";

/** A row was not where the step about to be taken starts: something else has moved it meanwhile. */
export function journalConflict(table: string, id: number, state: string): WavsError {
  return new WavsError("journal_conflict", {
    message: `Cannot move row ${id} of "${table}" to "${state}" because it is not where that step starts`,
    retryable: false,
    meta: { table, id, state },
  });
}
