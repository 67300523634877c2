/** Scripts of calls for guests that are made to run them (`tests/fixtures/guests/interpreter.js`). */
import type { Service } from "@/domain/mod.ts";
import { type Executor, payloadsOf, runService } from "./engine.ts";

/** `names = path.to.method`, then its arguments. */
export type GuestCall = readonly [call: string, ...args: unknown[]];

/** Runs the calls in one execution; a result is what the call answered, or its error after an exclamation mark. */
export async function runCalls(engine: Executor, service: Service, ...calls: GuestCall[]): Promise<unknown[]> {
  const [payload] = payloadsOf(await runService(engine, service, JSON.stringify(calls)));
  const results = JSON.parse(payload ?? "[]") as ({ readonly ok: unknown } | { readonly error: unknown })[];
  return results.map((result) => "ok" in result ? result.ok : failureText(result.error));
}

function failureText(error: unknown): string {
  return `!${typeof error === "string" ? error : JSON.stringify(error)}`;
}

/** A `wasi:sockets` ip-socket-address on this machine. */
export function loopback(port: number): unknown {
  return { tag: "ipv4", val: { port, address: [127, 0, 0, 1] } };
}
