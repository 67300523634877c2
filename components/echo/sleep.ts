import { configVar } from "../wavs/mod.ts";
import { monotonicMs, sleep } from "../wavs/clock.ts";

const MAX_U64 = (1n << 64n) - 1n;

/** Spends the time config `sleep-ms` asks for, in the way `sleep-kind` names. */
export function sleepAsConfigured(): void {
  const text = configVar("sleep-ms");
  if (text === undefined) return;
  const durationMs = parseDurationMs(text);
  switch (configVar("sleep-kind")) {
    // The guest has one way to wait, so the two kinds make the same host calls.
    case "async":
    case "sync":
      return sleep(durationMs);
    case "hotloop":
      return spin(durationMs);
    default:
      throw new Error("invalid or missing 'sleep-kind', must be 'async', 'sync', or 'hotloop'");
  }
}

function parseDurationMs(text: string): number {
  if (text === "") throw new Error("invalid sleep-ms ParseIntError { kind: Empty }");
  if (!/^\+?\d+$/.test(text)) throw new Error("invalid sleep-ms ParseIntError { kind: InvalidDigit }");
  if (BigInt(text) > MAX_U64) throw new Error("invalid sleep-ms ParseIntError { kind: PosOverflow }");
  return Number(text);
}

function spin(durationMs: number): void {
  const end = monotonicMs() + durationMs;
  while (monotonicMs() < end);
}
