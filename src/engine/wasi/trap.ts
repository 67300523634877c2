import { WavsError } from "@/domain/mod.ts";

/** What a host function throws when a guest breaks the rules of an interface that has no error for it. */
export function trap(why: string): WavsError {
  return new WavsError("guest_trap", { message: `The component was stopped because ${why}`, retryable: false });
}
